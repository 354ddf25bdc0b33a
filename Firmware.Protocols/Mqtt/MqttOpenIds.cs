// The identifiers of incoming QoS 2 messages between PUBLISH and PUBREL (MQTT 3.1.1, 4.3.3), as ranges. Brokers count identifiers up and
// release them in order, so hundreds of open messages are one or two ranges. (mosquitto 2.0 was seen with 131 open at once, though
// its own limit is 20: a table of single identifiers would end the connection.)

namespace Firmware.Protocols.Mqtt
{
    /// <summary>A set of packet identifiers as a fixed table of ranges.</summary>
    internal sealed class MqttOpenIds
    {
        private readonly int[] _first;
        private readonly int[] _last;
        private int _count;

        internal MqttOpenIds(int ranges)
        {
            _first = new int[ranges];
            _last = new int[ranges];
        }

        internal int Ranges
        {
            get { return _first.Length; }
        }

        internal void Clear()
        {
            _count = 0;
        }

        internal bool Contains(int id)
        {
            return Find(id) >= 0;
        }

        // false if the identifier begins a range for which there is no room; must not be in the set
        internal bool Add(int id)
        {
            int below = Find(id - 1);
            int above = Find(id + 1);
            if (below >= 0 && above >= 0)
            {
                _last[below] = _last[above];
                Delete(above);
            }
            else if (below >= 0)
            {
                _last[below] = id;
            }
            else if (above >= 0)
            {
                _first[above] = id;
            }
            else
            {
                return Append(id, id);
            }

            return true;
        }

        // false if a range would have to be split and there is no room; an identifier that is not in the set is removed already
        internal bool Remove(int id)
        {
            int at = Find(id);
            if (at < 0)
            {
                return true;
            }

            if (_first[at] == _last[at])
            {
                Delete(at);
            }
            else if (id == _first[at])
            {
                _first[at]++;
            }
            else if (id == _last[at])
            {
                _last[at]--;
            }
            else
            {
                if (!Append(id + 1, _last[at]))
                {
                    return false;
                }

                _last[at] = id - 1;
            }

            return true;
        }

        private bool Append(int first, int last)
        {
            if (_count == _first.Length)
            {
                return false;
            }

            _first[_count] = first;
            _last[_count++] = last;
            return true;
        }

        private void Delete(int at)
        {
            _count--;
            _first[at] = _first[_count];
            _last[at] = _last[_count];
        }

        private int Find(int id)
        {
            for (int i = 0; i < _count; i++)
            {
                if (id >= _first[i] && id <= _last[i])
                {
                    return i;
                }
            }

            return -1;
        }
    }
}
