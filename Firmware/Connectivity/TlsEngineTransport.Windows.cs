// The two windows of TlsEngineTransport: from the link to the engine, from the engine to the link, and the pump between them.

using System;
using Firmware.Protocols.Io;
using Firmware.Protocols.Tls;

namespace Firmware.Connectivity
{
    public sealed partial class TlsEngineTransport
    {
        // Puts out what the engine has, as far as the link takes it.
        private void Flush()
        {
            _flags |= TlsFlags.WantOut;
            while (Pump() && (_flags & TlsFlags.WantOut) != 0)
            {
            }
        }

        // Input from the link, one pump, output to the link. True if something moved.
        private bool Pump()
        {
            bool moved = Fill();
            if ((_flags & TlsFlags.More) == 0)
            {
                moved |= Drain();
            }

            if (_inputEnded && _inputStart == _inputEnd && !_endTold)
            {
                _endTold = true;
                moved = true;
                TlsEngine.EndOfInput(_engine);
            }

            if (!moved && _inputStart == _inputEnd && (_flags & (TlsFlags.WantIn | TlsFlags.WantOut | TlsFlags.More)) == TlsFlags.WantIn)
            {
                // nothing has come that it waits for: saves the call, thousands of times an hour
                return false;
            }

            MakeRoom();
            int room = _output.Length - _outputEnd;
            long result = TlsEngine.Pump(_engine, _input, _inputStart, _inputEnd - _inputStart, _output, room == 0 ? 0 : _outputEnd, room);
            Pumps++;
            if (result < 0)
            {
                Fail((int)result);
                return false;
            }

            int flags = (int)(result >> 32);
            int consumed = (int)(result >> 16) & 0xFFFF;
            int produced = (int)result & 0xFFFF;
            _inputStart += consumed;
            _outputEnd += produced;
            moved |= consumed > 0 || produced > 0 || (flags & TlsFlags.More) != 0 || (flags & ~TlsFlags.WantOut) != (_flags & ~TlsFlags.WantOut);
            _flags = flags;
            _hasBeenReady |= (flags & TlsFlags.Ready) != 0;
            if ((flags & TlsFlags.More) == 0 || (flags & TlsFlags.WantOut) != 0)
            {
                moved |= Drain();
            }

            if ((flags & TlsFlags.Failed) != 0)
            {
                Learn();
            }

            return moved;
        }

        private void Learn()
        {
            if (Error == 0)
            {
                Detail = (int)TlsEngine.Info(_engine, TlsItem.InfoDetail);
                Alert = (int)TlsEngine.Info(_engine, TlsItem.InfoAlert);
                Error = (int)TlsEngine.Info(_engine, TlsItem.InfoReason);
            }
        }

        private bool Fill()
        {
            if (_inputStart == _inputEnd)
            {
                _inputStart = _inputEnd = 0;
            }

            if (_inputEnded || _inputEnd == _input.Length)
            {
                return false;
            }

            int got = _link.Read(_input, _inputEnd, _input.Length - _inputEnd);
            if (got > 0)
            {
                _inputEnd += got;
                _fills++;
                WireIn += got;
                return true;
            }

            // in order or not: TLS says its own end, and without it the stream was cut
            _inputEnded = got < 0;
            return _inputEnded;
        }

        private bool Drain()
        {
            bool moved = false;
            while (_outputStart < _outputEnd)
            {
                int sent = _outputBroken ? TransportResult.Failed : _link.Write(_output, _outputStart, _outputEnd - _outputStart);
                if (sent < 0)
                {
                    // what the server said before may still be there to be read: it can be the reason
                    _outputBroken = true;
                    _outputStart = _outputEnd = 0;
                    return true;
                }

                if (sent == 0)
                {
                    break;
                }

                _outputStart += sent;
                WireOut += sent;
                moved = true;
            }

            return moved;
        }

        // in front of the window, for the engine's next bytes: only a link that is slow leaves something to be moved
        private void MakeRoom()
        {
            if (_outputStart == _outputEnd)
            {
                _outputStart = _outputEnd = 0;
            }
            else if (_outputStart > 0)
            {
                Array.Copy(_output, _outputStart, _output, 0, _outputEnd - _outputStart);
                _outputEnd -= _outputStart;
                _outputStart = 0;
            }
        }
    }
}
