// The states of the registration: which answer leads to which (the picture is in CoapDirectoryClient.cs).

using System;

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapDirectoryClient
    {
        /// <inheritdoc />
        public int Read(int offset, byte[] buffer, int bufferOffset, int count)
        {
            _body.Begin(buffer, bufferOffset, offset, count, CoapFormat.Link);
            _server.WriteLinks(_body);
            return _body.Kept;
        }

        /// <inheritdoc />
        public void Answered(CoapClientResponse response, long nowMs)
        {
            LastError = CoapClientError.None;
            LastCode = response.Code;
            switch (State)
            {
                case CoapDirectoryState.Discovering:
                    TakeLinks(response, nowMs);
                    break;
                case CoapDirectoryState.Registering:
                    TakeRegistration(response, nowMs);
                    break;
                case CoapDirectoryState.Updating:
                    TakeUpdate(response, nowMs);
                    break;
                case CoapDirectoryState.Deleting:
                    Stop();
                    break;
                default:
                    break;
            }
        }

        /// <inheritdoc />
        public void Failed(CoapClientRequest request, CoapClientError error, int detail, long nowMs)
        {
            LastError = error;
            _isStale = _isStale || State == CoapDirectoryState.Registering;
            if (State == CoapDirectoryState.Deleting || _isStopping)
            {
                Stop();
                return;
            }

            RetryLater(0, nowMs);
        }

        private void Ask(CoapClientRequest request, CoapDirectoryState state, long nowMs)
        {
            request.Destination.Set(_options.Directory);
            State = state;
            _dueMs = long.MaxValue;
            _handle = _client.Begin(request, nowMs);
            if (_handle < 0)
            {
                Failed(request, (CoapClientError)(-_handle), 0, nowMs);
            }
        }

        private void Register(long nowMs)
        {
            _isStale = false;
            _register.FlatPathLength = _pathLength;
            Ask(_register, CoapDirectoryState.Registering, nowMs);
        }

        // RFC 9176 section 4.3; more than there is room for is not looked at
        private void TakeLinks(CoapClientResponse response, long nowMs)
        {
            bool isSuccess = CoapCode.IsSuccess(response.Code);
            if (response.Code == CoapCode.ServiceUnavailable)
            {
                RetryLater(response.MaxAgeSeconds, nowMs);
                return;
            }

            if (isSuccess)
            {
                _textLength = response.BodyOffset == 0 ? 0 : _textLength;
                int room = _text.Length - _textLength;
                int length = response.PayloadLength > room ? room : response.PayloadLength;
                Array.Copy(response.Buffer, response.PayloadOffset, _text, _textLength, length);
                _textLength += length;
                if (!response.IsLast)
                {
                    return;
                }
            }

            _pathLength = isSuccess ? CoapLinkReader.FindPath(_text, _textLength, DirectoryType, _path) : 0;
            if (_pathLength == 0)
            {
                // RFC 9176 section 4: the place that directories have by convention
                Array.Copy(DefaultPath, _path, DefaultPath.Length);
                _pathLength = DefaultPath.Length;
            }

            Register(nowMs);
        }

        private void TakeRegistration(CoapClientResponse response, long nowMs)
        {
            if (!response.IsLast)
            {
                return;
            }

            // RFC 9176 section 5: 2.01 with the path; some answer 2.04 when they knew the endpoint already
            if (CoapCode.IsSuccess(response.Code) && KeepLocation(response))
            {
                Registrations++;
                BeginLifetime(nowMs);
                if (_isStopping)
                {
                    BeginDelete(nowMs);
                }

                return;
            }

            _isStale = true;
            if (_isStopping)
            {
                Stop();
                return;
            }

            if (response.Code != CoapCode.ServiceUnavailable)
            {
                // not here: it is looked for again
                _pathLength = 0;
            }

            RetryLater(response.Code == CoapCode.ServiceUnavailable ? response.MaxAgeSeconds : 0, nowMs);
        }

        private void TakeUpdate(CoapClientResponse response, long nowMs)
        {
            if (!response.IsLast)
            {
                return;
            }

            if (CoapCode.IsSuccess(response.Code))
            {
                Updates++;
                BeginLifetime(nowMs);
            }
            else if (response.Code == CoapCode.ServiceUnavailable)
            {
                RetryLater(response.MaxAgeSeconds, nowMs);
            }
            else
            {
                // RFC 9176 section 5.3.1: the directory does not know it any more
                _locationLength = 0;
                Register(nowMs);
            }
        }

        private bool KeepLocation(CoapClientResponse response)
        {
            int length = 0;
            response.RewindLocation();
            while (response.NextLocation())
            {
                int segment = response.LocationLength;
                if (segment > 255 || segment + 1 > _location.Length - length)
                {
                    return false;
                }

                _location[length++] = (byte)segment;
                Array.Copy(response.Buffer, response.LocationOffset, _location, length, segment);
                length += segment;
            }

            _locationLength = length;
            return length > 0;
        }

        // the update comes at 3/4 of the lifetime, up to 1/16 earlier, so that many devices do not ask in step, and there is time for some attempts
        private void BeginLifetime(long nowMs)
        {
            State = CoapDirectoryState.Registered;
            _retryMs = _options.RetryMs;
            long lifetime = _options.LifetimeSeconds * (long)MsPerSecond;
            _endMs = nowMs + lifetime;
            _dueMs = _isStale ? nowMs : nowMs + (lifetime * 3 / 4) - _random.Next((int)(lifetime / 16));
        }

        private void RetryLater(int leastSeconds, long nowMs)
        {
            long wait = (_retryMs / 2) + _random.Next((_retryMs / 2) + 1);
            long least = leastSeconds * (long)MsPerSecond;
            _retryMs = _retryMs > _options.LongestRetryMs / 2 ? _options.LongestRetryMs : _retryMs * 2;
            Wait(nowMs + (wait > least ? wait : least), nowMs);
        }

        private void Wait(long untilMs, long nowMs)
        {
            State = CoapDirectoryState.Waiting;
            _dueMs = untilMs > nowMs ? untilMs : nowMs;
        }

        private void BeginDelete(long nowMs)
        {
            _isStopping = false;
            if (_locationLength == 0 || nowMs >= _endMs)
            {
                Stop();
                return;
            }

            _delete.FlatPathLength = _locationLength;
            Ask(_delete, CoapDirectoryState.Deleting, nowMs);
        }

        private void Stop()
        {
            State = CoapDirectoryState.Off;
            _isStopping = false;
            _isStale = false;
            _locationLength = 0;
            _dueMs = long.MaxValue;
        }
    }
}
