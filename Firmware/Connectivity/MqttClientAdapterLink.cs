// One connection of MqttClientAdapter: its transport, which can be cut from any side at any time, and its worker thread.
// The cut is here, and not in the transport, because a transport without Wi-Fi may go on saying "nothing now" after Close.

using System;
using System.Threading;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>A connection and its thread. All but <see cref="Run"/> is called under the adapter's lock.</summary>
    internal sealed class MqttClientAdapterLink : ITransport
    {
        // set when the worker has raised its last event
        internal readonly ManualResetEvent Ended = new ManualResetEvent(false);

        // the client has let go of this link
        internal bool IsOver;

        // set with CONNACK 0: this link will have its ConnectionClosed
        internal bool HasWorker;

        private readonly MqttClientAdapter _owner;
        private readonly ITransport _transport;
        private int _workerId;
        private bool _isCut;

        internal MqttClientAdapterLink(MqttClientAdapter owner, ITransport transport)
        {
            _owner = owner;
            _transport = transport;
        }

        internal bool IsOnWorker
        {
            get { return _workerId != 0 && _workerId == Thread.CurrentThread.ManagedThreadId; }
        }

        public int Read(byte[] buffer, int offset, int count)
        {
            try
            {
                return _isCut ? TransportResult.Failed : _transport.Read(buffer, offset, count);
            }
            catch (Exception)
            {
                // transports do not throw; one that does has failed
                return TransportResult.Failed;
            }
        }

        public int Write(byte[] buffer, int offset, int count)
        {
            try
            {
                return _isCut ? TransportResult.Failed : _transport.Write(buffer, offset, count);
            }
            catch (Exception)
            {
                return TransportResult.Failed;
            }
        }

        public void Close()
        {
            if (_isCut)
            {
                return;
            }

            _isCut = true;
            try
            {
                _transport.Close();
            }
            catch (Exception)
            {
                // it is given up in any case
            }
        }

        internal void StartWorker()
        {
            new Thread(Run).Start();
            HasWorker = true;
        }

        private void Run()
        {
            _workerId = Thread.CurrentThread.ManagedThreadId;
            try
            {
                _owner.Serve(this);
            }
            finally
            {
                Ended.Set();
            }
        }
    }
}
