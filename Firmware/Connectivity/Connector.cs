// The one thread that blocks: it dials and hands a finished transport over. Two fields cross between the threads, under one lock.

using System;
using System.Threading;
using Firmware.Protocols.Io;

namespace Firmware.Connectivity
{
    /// <summary>Dials in a thread of its own.</summary>
    public sealed class Connector : IConnector
    {
        private readonly Dialer _dialer;
        private readonly object _lock = new object();
        private bool _running;
        private bool _abandoned;
        private bool _ended;
        private ITransport _result;
        private string _failure;

        /// <summary>Creates a connector.</summary>
        /// <param name="dialer">What opens the transport; used by the connector's thread only.</param>
        public Connector(Dialer dialer)
        {
            _dialer = dialer;
        }

        /// <inheritdoc />
        public ITransport Transport { get; private set; }

        /// <inheritdoc />
        public string Failure { get; private set; }

        /// <inheritdoc />
        public void Begin()
        {
            lock (_lock)
            {
                _abandoned = false;
                _ended = false;
                if (_running)
                {
                    // an attempt that was given up still hangs in the platform: its end counts as the end of this one
                    return;
                }

                _running = true;
            }

            new Thread(Run).Start();
        }

        /// <inheritdoc />
        public bool TryEnd()
        {
            lock (_lock)
            {
                if (!_ended)
                {
                    return false;
                }

                _ended = false;
                Transport = _result;
                Failure = _failure;
                _result = null;
                return true;
            }
        }

        /// <inheritdoc />
        public void Cancel()
        {
            ITransport late;
            lock (_lock)
            {
                _abandoned = true;
                _ended = false;
                late = _result;
                _result = null;
            }

            if (late != null)
            {
                late.Close();
            }
        }

        private void Run()
        {
            ITransport transport = null;
            string failure = null;
            try
            {
                transport = _dialer.Dial();
            }
            catch (ConnectException e)
            {
                failure = e.Message;
            }
            catch (Exception e)
            {
                // an unhandled exception would end this thread in silence and the Thing would wait for ever
                failure = "connecting failed: " + e.Message;
            }

            lock (_lock)
            {
                if (!_abandoned || transport == null)
                {
                    End(transport, failure);
                    return;
                }
            }

            // while this attempt still counts as running, so that nobody dials meanwhile: the dialer may use the same transport again
            transport.Close();
            lock (_lock)
            {
                End(null, "an earlier attempt came too late and was in the way");
            }
        }

        // in the lock
        private void End(ITransport transport, string failure)
        {
            _running = false;
            if (!_abandoned)
            {
                _result = transport;
                _failure = failure;
                _ended = true;
            }
        }
    }
}
