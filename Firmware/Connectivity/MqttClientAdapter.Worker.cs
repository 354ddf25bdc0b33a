// The other half of MqttClientAdapter: how a connection begins, the thread that polls it and raises its events, and how it ends.
// _client and all fields are touched under _lock only; _clock.Wait and handlers run outside of it. Every wait has a limit.

using System;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using nanoFramework.M2Mqtt.Messages;

namespace Firmware.Connectivity
{
    public sealed partial class MqttClientAdapter
    {
        // a cut link ends within a few calls; a client that held back acknowledgements tells those first
        private const int PollsToEnd = (2 * Limits.MqttPublishes) + 8;

        // the thread of a link: ends with the link, whatever happens
        internal void Serve(MqttClientAdapterLink link)
        {
            try
            {
                while (Turn(link))
                {
                }
            }
            catch (Exception e)
            {
                // unhandled it would end this thread in silence, and nobody would hear of the end of the connection
                Log.Warning("MQTT: the connection is given up: " + e.Message);
                lock (_lock)
                {
                    CutUnderLock(link);
                }
            }

            RaiseClosed();
        }

        private ITransport OpenTransport()
        {
            try
            {
                ITransport transport = _opener != null ? _opener(_host, _port) : TlsTransport.Open(_host, _port, null, _credentials, _clock);
                if (transport == null)
                {
                    throw new ConnectException("connecting failed: the opener gave no transport");
                }

                return transport;
            }
            catch (ConnectException)
            {
                throw;
            }
            catch (Exception e)
            {
                throw new ConnectException("connecting failed: " + e.Message);
            }
        }

        private MqttClientAdapterLink Begin(ITransport transport, MqttConnectOptions options)
        {
            MqttClientAdapterLink link = new MqttClientAdapterLink(this, transport);
            lock (_lock)
            {
                if (_closeRequested)
                {
                    link.Close();
                    throw new ConnectException("closed while connecting");
                }

                MqttError error = _client.Connect(link, options, _clock.NowMs);
                if (error != MqttError.None)
                {
                    link.Close();
                    throw Refused(error, _client.BrokenRule);
                }

                ForgetRequests();
                Error = MqttError.None;
                ErrorDetail = 0;
                _link = link;
            }

            return link;
        }

        private MqttReasonCode AwaitConnack(MqttClientAdapterLink link)
        {
            while (true)
            {
                int wait;
                lock (_lock)
                {
                    MqttEvent happened = link.IsOver ? MqttEvent.Closed : Poll(link);
                    if (happened == MqttEvent.Connected || happened == MqttEvent.Resumed)
                    {
                        StartWorker(link);
                        return MqttReasonCode.Success;
                    }

                    if (happened == MqttEvent.Closed)
                    {
                        break;
                    }

                    wait = NextWait();
                }

                if (wait > 0)
                {
                    _clock.Wait(_wake, wait);
                }
            }

            if (Error == MqttError.Refused)
            {
                return ReasonOf(ErrorDetail);
            }

            throw new ConnectException(Error == MqttError.None ? "closed while connecting" : MqttErrorText.Explain(Error, ErrorDetail, false));
        }

        private static MqttReasonCode ReasonOf(int connackCode)
        {
            if (connackCode == AwsNotAuthorized)
            {
                return MqttReasonCode.ConnectionRefusedNotAuthorized;
            }

            return connackCode <= LastStandardRefusal ? (MqttReasonCode)connackCode : MqttReasonCode.UnspecifiedError;
        }

        private void StartWorker(MqttClientAdapterLink link)
        {
            try
            {
                link.StartWorker();
            }
            catch (Exception e)
            {
                CutUnderLock(link);
                throw new ConnectException("no memory for the connection's thread (" + e.Message + ")");
            }
        }

        // one turn of the thread; false at the end of the link
        private bool Turn(MqttClientAdapterLink link)
        {
            EventArgs news;
            int wait = 0;
            lock (_lock)
            {
                if (link.IsOver)
                {
                    return false;
                }

                news = SendRequest();
                if (news == null)
                {
                    news = Translate(Poll(link));
                    wait = news == null && !link.IsOver ? NextWait() : 0;
                }
            }

            if (news != null)
            {
                Raise(news);
            }
            else if (wait > 0)
            {
                _clock.Wait(_wake, wait);
            }

            return true;
        }

        private MqttEvent Poll(MqttClientAdapterLink link)
        {
            MqttEvent happened = _client.Poll(_clock.NowMs);
            if (happened == MqttEvent.Closed)
            {
                End(link, _client.Error, _client.ErrorDetail);
            }

            return happened;
        }

        private int NextWait()
        {
            long left = _client.NextDeadlineMs - _clock.NowMs;
            return left <= 0 ? 0 : left < Limits.LoopWhileConnectedMs ? (int)left : Limits.LoopWhileConnectedMs;
        }

        private void Cut(MqttClientAdapterLink link)
        {
            lock (_lock)
            {
                CutUnderLock(link);
            }

            _wake.Set();
            if (link.HasWorker && !link.IsOnWorker)
            {
                _clock.Wait(link.Ended, Limits.StopMs);
            }
        }

        private void CutUnderLock(MqttClientAdapterLink link)
        {
            if (link.IsOver)
            {
                return;
            }

            link.Close();
            for (int i = 0; i < PollsToEnd && _client.Poll(_clock.NowMs) != MqttEvent.Closed; i++)
            {
            }

            End(link, MqttError.None, 0);
        }

        private void End(MqttClientAdapterLink link, MqttError error, int detail)
        {
            link.IsOver = true;
            Error = error;
            ErrorDetail = detail;
            _link = null;
            ForgetLarge();
            ForgetRequests();
            if (error != MqttError.None && link.HasWorker)
            {
                // the event cannot say why
                Log.Warning("MQTT: " + MqttErrorText.Explain(error, detail, true));
            }
        }
    }
}
