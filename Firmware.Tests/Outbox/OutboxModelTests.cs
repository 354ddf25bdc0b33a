// The outbox against a model that is too simple to be wrong: a list of objects. Seeded, so that a failure can be run again.

using System.Collections;
using Firmware.Protocols.Outbox;
using nanoFramework.TestFramework;

namespace Firmware.Tests.OutboxTests
{
    [TestClass]
    public static class OutboxModelTests
    {
        private const int Operations = 3000;
        private const int Arena = 300;
        private const int Topics = 6;

        private static readonly OutboxItem Item = new OutboxItem();
        private static readonly byte[][] Names = { OutboxScript.Bytes("t0"), OutboxScript.Bytes("t1"), OutboxScript.Bytes("t2"), OutboxScript.Bytes("t3"), OutboxScript.Bytes("t4"), OutboxScript.Bytes("t5") };
        private static ArrayList _model;
        private static Outbox _outbox;
        private static uint _random;
        private static int _packetId;
        private static int _dropped;
        private static int _superseded;
        private static int _refused;

        [DataRow(1)]
        [DataRow(2)]
        [DataRow(3)]
        [DataRow(4)]
        [DataRow(20260801)]
        public static void Does_what_a_naive_model_does(int seed)
        {
            _random = (uint)seed;
            _model = new ArrayList();
            Begin();
            int[] seen = new int[32];
            for (int i = 0; i < Operations; i++)
            {
                int choice = Random(100);

                // by turns more comes in than goes out, and the other way round
                int puts = (i / 200) % 2 == 0 ? 60 : 30;
                if (choice < puts)
                {
                    seen[(int)PutBoth(i)]++;
                }
                else if (choice < puts + 20)
                {
                    SendBoth(i);
                }
                else if (choice < 95)
                {
                    ConfirmBoth(i);
                }
                else if (choice < 97)
                {
                    RemoveBoth(i);
                }
                else if (choice < 99)
                {
                    _outbox.Rewind();
                    for (int k = 0; k < _model.Count; k++)
                    {
                        At(k).PacketId = 0;
                    }
                }
                else
                {
                    RestoreBoth(i);
                }

                Compare(i);
            }

            // otherwise the operations say nothing about one of the answers
            Assert.IsTrue(seen[(int)OutboxResult.Stored] > 20);
            Assert.IsTrue(seen[(int)OutboxResult.Replaced] > 20);
            Assert.IsTrue(seen[(int)OutboxResult.StoredDroppingOldest] > 20);
            Assert.IsTrue(seen[(int)OutboxResult.Full] > 20);
            Assert.IsTrue(seen[(int)OutboxResult.TooLarge] > 0);
        }

        private static OutboxResult PutBoth(int step)
        {
            int topic = Random(Topics);
            int length = Random(10) == 0 ? Random(320) : Random(50);
            byte[] payload = new byte[length];
            for (int i = 0; i < length; i++)
            {
                payload[i] = (byte)Random(256);
            }

            OutboxResult expected = PutModel(topic, payload);
            OutboxResult actual = _outbox.Put(topic, payload, 0, length);
            Require(expected == actual, step);
            return actual;
        }

        private static OutboxResult PutModel(int topic, byte[] payload)
        {
            Message message = new Message();
            message.Topic = topic;
            message.Payload = payload;
            int size = payload.Length + Outbox.OverheadPerMessage;
            if (size > Arena)
            {
                _refused++;
                return OutboxResult.TooLarge;
            }

            ArrayList waiting = new ArrayList();
            int waitingBytes = 0;
            for (int i = 0; i < _model.Count; i++)
            {
                if (At(i).Topic == topic && At(i).PacketId == 0)
                {
                    waiting.Add(At(i));
                    waitingBytes += At(i).Size;
                }
            }

            bool newest = Policy(topic) == OutboxPolicy.NewestOnly && waiting.Count > 0;
            int most = newest || Policy(topic) == OutboxPolicy.DropOldest ? waitingBytes : 0;
            if (UsedByModel() - most + size > Arena)
            {
                _refused++;
                return OutboxResult.Full;
            }

            if (newest)
            {
                int place = _model.IndexOf(waiting[0]);
                for (int i = 0; i < waiting.Count; i++)
                {
                    _model.Remove(waiting[i]);
                    _superseded++;
                }

                _model.Insert(place, message);
                return OutboxResult.Replaced;
            }

            int dropped = 0;
            while (UsedByModel() + size > Arena)
            {
                _model.Remove(waiting[dropped]);
                dropped++;
            }

            _model.Add(message);
            _dropped += dropped;
            return dropped > 0 ? OutboxResult.StoredDroppingOldest : OutboxResult.Stored;
        }

        private static void SendBoth(int step)
        {
            Message next = FirstWaiting();
            Require(_outbox.TryPeekUnsent(Item) == (next != null), step);
            if (next != null)
            {
                _packetId = _packetId == 65535 ? 1 : _packetId + 1;
                next.Token = Item.Token;
                Require(_outbox.MarkSent(Item.Token, _packetId), step);
                next.PacketId = _packetId;
                if (Qos(next.Topic) == 0)
                {
                    _model.Remove(next);
                }
            }
        }

        private static void ConfirmBoth(int step)
        {
            // one in flight, by chance; or, if the chance hits one that waits, an identifier that nobody has
            int packetId = 0;
            if (_model.Count > 0)
            {
                Message message = At(Random(_model.Count < 4 ? _model.Count : 4));
                packetId = message.PacketId;
                if (packetId != 0)
                {
                    _model.Remove(message);
                }
            }

            Require(_outbox.Confirm(packetId == 0 ? 70000 : packetId) == (packetId != 0), step);
        }

        private static void RemoveBoth(int step)
        {
            Message next = FirstWaiting();
            if (next != null && Random(2) == 0)
            {
                _outbox.TryPeekUnsent(Item);
                Require(_outbox.Remove(Item.Token), step);
                _model.Remove(next);
            }
            else if (_model.Count > 0 && At(0).PacketId != 0)
            {
                Require(_outbox.Remove(At(0).Token), step);
                _model.RemoveAt(0);
            }
        }

        // a reboot: a new outbox, and in the model all messages put again in order
        private static void RestoreBoth(int step)
        {
            byte[] image = new byte[_outbox.MaxImageLength];
            int length = _outbox.Save(image, 0);
            Require(length > 0, step);
            ArrayList old = _model;
            _model = new ArrayList();
            Begin();
            Require(_outbox.Restore(image, 0, length), step);
            for (int i = 0; i < old.Count; i++)
            {
                Message message = (Message)old[i];
                Require(PutModel(message.Topic, message.Payload) < OutboxResult.Full, step);
            }
        }

        private static void Begin()
        {
            _outbox = new Outbox(new byte[Arena], Topics);
            for (int i = 0; i < Topics; i++)
            {
                _outbox.AddTopic(Names[i], Qos(i), false, Policy(i));
            }

            _dropped = 0;
            _superseded = 0;
            _refused = 0;
        }

        private static void Compare(int step)
        {
            Require(_outbox.Count == _model.Count, step);
            Require(_outbox.Used == UsedByModel(), step);
            Require(_outbox.Free == Arena - UsedByModel(), step);
            Require(_outbox.Dropped == _dropped, step);
            Require(_outbox.Superseded == _superseded, step);
            Require(_outbox.Refused == _refused, step);
            int inFlight = 0;
            for (int i = 0; i < _model.Count; i++)
            {
                inFlight += At(i).PacketId != 0 ? 1 : 0;
            }

            Require(_outbox.InFlight == inFlight, step);
            Message next = FirstWaiting();
            Require(_outbox.TryPeekUnsent(Item) == (next != null), step);
            if (next != null)
            {
                Require(Item.TopicIndex == next.Topic && Item.PayloadLength == next.Payload.Length, step);
                for (int i = 0; i < Item.PayloadLength; i++)
                {
                    Require(Item.Buffer[Item.PayloadOffset + i] == next.Payload[i], step);
                }
            }
        }

        private static Message FirstWaiting()
        {
            for (int i = 0; i < _model.Count; i++)
            {
                if (At(i).PacketId == 0)
                {
                    return At(i);
                }
            }

            return null;
        }

        private static int UsedByModel()
        {
            int used = 0;
            for (int i = 0; i < _model.Count; i++)
            {
                used += At(i).Size;
            }

            return used;
        }

        private static Message At(int index)
        {
            return (Message)_model[index];
        }

        private static OutboxPolicy Policy(int topic)
        {
            return (OutboxPolicy)(topic % 3);
        }

        private static int Qos(int topic)
        {
            return topic < 3 ? 1 : topic == 4 ? 0 : 2;
        }

        // xorshift32: the same on every machine
        private static int Random(int below)
        {
            _random ^= _random << 13;
            _random ^= _random >> 17;
            _random ^= _random << 5;
            return (int)(_random % (uint)below);
        }

        private static void Require(bool condition, int step)
        {
            if (!condition)
            {
                Assert.IsTrue(false, "differs from the model at operation " + step.ToString());
            }
        }

        private sealed class Message
        {
            public int Topic;
            public byte[] Payload;
            public int PacketId; // 0 while it waits
            public int Token;

            public int Size
            {
                get { return Payload.Length + Outbox.OverheadPerMessage; }
            }
        }
    }
}
