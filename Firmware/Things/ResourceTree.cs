// The Thing: the fixed table of its resources. The only place where a resource is defined; every door looks here.

using System;
using Firmware.Protocols.Io;

namespace Firmware.Things
{
    /// <summary>All resources of this Thing, polled by the loop.</summary>
    public sealed class ResourceTree : IFeature
    {
        private readonly Resource[] _resources;

        /// <summary>Creates the tree.</summary>
        /// <param name="resources">The resources, at most <see cref="Limits.Resources"/>.</param>
        public ResourceTree(Resource[] resources)
        {
            if (resources.Length > Limits.Resources)
            {
                throw new ArgumentException("more resources than Limits.Resources");
            }

            _resources = resources;
        }

        /// <summary>How many resources there are.</summary>
        public int Count
        {
            get { return _resources.Length; }
        }

        /// <inheritdoc />
        public long NextDeadlineMs
        {
            get
            {
                long next = long.MaxValue;
                for (int i = 0; i < _resources.Length; i++)
                {
                    long deadline = _resources[i].NextDeadlineMs;
                    next = deadline < next ? deadline : next;
                }

                return next;
            }
        }

        /// <inheritdoc />
        public bool IsStopped
        {
            get { return true; }
        }

        /// <inheritdoc />
        public bool IsListening
        {
            get { return false; }
        }

        /// <summary>Counts the changes of everything that is told at once.</summary>
        public int Changes
        {
            get
            {
                int sum = 0;
                for (int i = 0; i < _resources.Length; i++)
                {
                    sum += _resources[i].TellsChanges ? _resources[i].Version : 0;
                }

                return sum;
            }
        }

        /// <summary>True while a resource does what the board must be awake for.</summary>
        public bool IsBusy
        {
            get
            {
                for (int i = 0; i < _resources.Length; i++)
                {
                    if (_resources[i].IsBusy)
                    {
                        return true;
                    }
                }

                return false;
            }
        }

        /// <summary>A resource by its place in the table.</summary>
        /// <param name="index">0 to <see cref="Count"/> - 1.</param>
        /// <returns>The resource.</returns>
        public Resource At(int index)
        {
            return _resources[index];
        }

        /// <summary>Finds a resource by its name.</summary>
        /// <param name="buffer">Where the name stands.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <returns>The resource, or null.</returns>
        public Resource Find(byte[] buffer, int offset, int length)
        {
            for (int i = 0; i < _resources.Length; i++)
            {
                if (Bytes.AreEqual(buffer, offset, length, _resources[i].Name))
                {
                    return _resources[i];
                }
            }

            return null;
        }

        /// <inheritdoc />
        public void Start(long nowMs)
        {
        }

        /// <inheritdoc />
        public void Poll(long nowMs)
        {
            for (int i = 0; i < _resources.Length; i++)
            {
                _resources[i].Poll(nowMs);
            }
        }

        /// <summary>Tells every resource that the cloud is lost.</summary>
        /// <param name="nowMs">The time since boot.</param>
        public void CloudLost(long nowMs)
        {
            for (int i = 0; i < _resources.Length; i++)
            {
                _resources[i].CloudLost(nowMs);
            }
        }

        /// <inheritdoc />
        public void Stop(long nowMs)
        {
            for (int i = 0; i < _resources.Length; i++)
            {
                _resources[i].MakeSafe(nowMs);
            }
        }
    }
}
