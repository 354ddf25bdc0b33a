// What is not answered at once: requests that their handlers put off (separate responses, RFC 7252 section 5.2.2), requests to a group
// (section 8.2), and notifications (RFC 7641 sections 4.2 to 4.5). All are kept requests that run again.

namespace Firmware.Protocols.Coap
{
    public sealed partial class CoapServer
    {
        private const int SequenceMask = 0xFFFFFF;

        private int _sequence;
        private bool _isNotification;
        private bool _isGroup;

        internal long NextDeadlineMs
        {
            get
            {
                long next = long.MaxValue;
                for (int i = 0; i < _deferrals.Length; i++)
                {
                    if (_deferrals[i].Request.IsUsed && _deferrals[i].DueMs < next)
                    {
                        next = _deferrals[i].DueMs;
                    }
                }

                for (int i = 0; i < _observers.Capacity; i++)
                {
                    CoapObserver observer = _observers.At(i);
                    if (observer.IsUsed)
                    {
                        long due = DueOf(observer);
                        next = due < next ? due : next;
                    }
                }

                return next;
            }
        }

        internal void Poll(long nowMs)
        {
            for (int i = 0; i < _deferrals.Length; i++)
            {
                if (_deferrals[i].Request.IsUsed && _deferrals[i].DueMs <= nowMs)
                {
                    Resume(_deferrals[i], nowMs);
                }
            }

            for (int i = 0; i < _observers.Capacity && _endpoint.IsOpen; i++)
            {
                CoapObserver observer = _observers.At(i);
                if (observer.IsUsed && DueOf(observer) <= nowMs)
                {
                    Notify(observer, nowMs);
                }
            }
        }

        // an acknowledgement or reset that belongs to no kept message: it is a notification's, or nobody's
        internal void HandleControl(Io.DatagramAddress from, int messageId, bool isReset, long nowMs)
        {
            CoapObserver observer = _observers.Find(from, messageId);
            if (observer == null)
            {
                return;
            }

            if (isReset)
            {
                observer.Remove();
            }
            else if (observer.IsOutstanding && observer.MessageId == messageId)
            {
                observer.IsOutstanding = false;
                observer.IsConfirmed = true;
                observer.ConfirmedMs = nowMs;
                observer.SinceConfirmed = 0;

                // what changed meanwhile is told at once
                observer.NextMs = nowMs;
            }
        }

        // RFC 7252 section 5.2.2: acknowledged at once, answered when the handler is ready; false if there is no place
        private bool Defer()
        {
            // a body in blocks cannot be put off: no place is taken for it
            CoapDeferral place = _request.Block1Number != CoapRequest.NotGiven ? null : TakeDeferral();
            if (place == null)
            {
                return false;
            }

            place.IsGroup = false;
            place.DueMs = _response.RetryAtMs > _now ? _response.RetryAtMs : _now;
            place.EndMs = _now + _parameters.DeferMs;
            if (_message.Type == CoapType.Con)
            {
                _endpoint.SendEmpty(CoapType.Ack, _message.MessageId, _peer);
                KeepReply();
            }

            return true;
        }

        private void HandleGroup(int error, bool isCut)
        {
            // RFC 7252 section 8.2: errors are not told to who asked everybody. What would change something is not done: anybody could ask for it.
            CoapDeferral place = error == 0 && !isCut && IsSafe(_request.Method) ? TakeDeferral() : null;
            if (place != null)
            {
                place.IsGroup = true;
                place.DueMs = _now + _endpoint.Random.Next(_parameters.LeisureMs + 1);
                place.EndMs = place.DueMs;
            }
        }

        private CoapDeferral TakeDeferral()
        {
            for (int i = 0; i < _deferrals.Length; i++)
            {
                if (!_deferrals[i].Request.IsUsed && _deferrals[i].Request.Fits(_message))
                {
                    _deferrals[i].Request.Keep(_message, _peer);
                    return _deferrals[i];
                }
            }

            return null;
        }

        private void Resume(CoapDeferral deferral, long nowMs)
        {
            bool wasConfirmable = ResumeRequest(deferral.Request, nowMs);
            if (wasConfirmable && (!_endpoint.MayBegin(_peer) || !_endpoint.Transmissions.HasRoom))
            {
                // its answer must be Confirmable, too, and another one is under way (NSTART)
                deferral.DueMs = nowMs + (_parameters.AckTimeoutMs / 4);
                return;
            }

            _isGroup = deferral.IsGroup;
            int code = Run(Find());
            if (code == CoapCode.Empty && nowMs < deferral.EndMs)
            {
                deferral.DueMs = _response.RetryAtMs > nowMs ? _response.RetryAtMs : nowMs + 1;
                _isGroup = false;
                return;
            }

            if (code == CoapCode.Empty)
            {
                code = Unavailable(_parameters.AckTimeoutMs);
            }

            deferral.Request.Free();
            ReplyLater(wasConfirmable ? CoapType.Con : CoapType.Non, code);
            _isGroup = false;
        }

        // makes a kept request the one that is being answered; true if it was Confirmable
        private bool ResumeRequest(CoapStoredRequest request, long nowMs)
        {
            request.Parse(_stored);
            Begin(_stored, request.Peer, nowMs);
            _request.Read(_stored, request.Peer);
            _request.WasDeferred = true;

            // it was let through when it came
            _isFresh = true;
            return _stored.Type == CoapType.Con;
        }

        private long DueOf(CoapObserver observer)
        {
            return observer.IsOutstanding ? observer.NextMs
                : observer.Version != observer.Resource.Version ? observer.NextMs
                : observer.RefreshMs;
        }

        private void Notify(CoapObserver observer, long nowMs)
        {
            bool isRepeat = observer.IsOutstanding;
            if (isRepeat && observer.Repeats >= _parameters.MaxRetransmit)
            {
                // RFC 7641 section 4.5: who does not acknowledge is not interested any more
                observer.Remove();
                return;
            }

            CoapResource resource = observer.Resource;
            bool isConfirmable = isRepeat || MustConfirm(observer, nowMs);
            if (!isRepeat && isConfirmable && !_endpoint.MayBegin(observer.Request.Peer))
            {
                observer.NextMs = nowMs + (_parameters.AckTimeoutMs / 4);
                observer.RefreshMs = observer.RefreshMs < observer.NextMs ? observer.NextMs : observer.RefreshMs;
                return;
            }

            // the same message again, or the newest state in the place of the old one, with the waits going on (RFC 7641 section 4.5.2)
            bool isSame = isRepeat && observer.Version == resource.Version;
            int version = resource.Version;
            ResumeRequest(observer.Request, nowMs);
            _isProved = isSame ? observer.WasProved : _isProved || observer.IsConfirmed;
            observer.WasProved = _isProved;
            _isNotification = true;

            // RFC 7641 section 4.2: the format of the first answer, or 4.06 as the last notification
            _request.Accept = observer.Format;
            _observe = isSame ? observer.Sequence : NextSequence();
            int code = Run(Find());
            _isNotification = false;
            if (code == CoapCode.Empty)
            {
                observer.NextMs = _response.RetryAtMs > nowMs ? _response.RetryAtMs : nowMs + 1;
                observer.RefreshMs = observer.NextMs;
                return;
            }

            bool isEnd = !CoapCode.IsSuccess(code);
            if (isEnd)
            {
                // RFC 7641 section 4.2: an error is the last notification, and has no Observe option
                _observe = CoapRequest.NotGiven;
            }

            if (!isSame)
            {
                observer.PreviousMessageId = observer.MessageId;
                observer.MessageId = _endpoint.NextMessageId();
            }

            observer.Version = version;
            observer.Sequence = _observe;
            observer.RefreshMs = nowMs + RefreshAfterMs(resource);
            if (!isEnd)
            {
                _response.MaxAgeSeconds = CoapParameters.ToSeconds(RefreshAfterMs(resource));
            }

            Schedule(observer, isRepeat, isConfirmable, nowMs);
            Notifications++;
            if (!isEnd)
            {
                ReplyWithId(isConfirmable ? CoapType.Con : CoapType.Non, observer.MessageId, code);
                return;
            }

            // the last one is repeated, too, until it is acknowledged (RFC 7252 section 4.2), but not by the observer: that is gone
            bool isKept = isConfirmable && _endpoint.Transmissions.HasRoom;
            Compose(isKept ? CoapType.Con : CoapType.Non, observer.MessageId, code);
            if (isKept)
            {
                _endpoint.SendConfirmable(observer.Request.Peer, observer.MessageId, -1, nowMs);
            }
            else
            {
                _endpoint.Send(observer.Request.Peer);
            }

            observer.Remove();
        }

        private void Schedule(CoapObserver observer, bool isRepeat, bool isConfirmable, long nowMs)
        {
            if (isRepeat)
            {
                observer.Repeats++;
                observer.TimeoutMs *= 2;
                observer.NextMs = nowMs + observer.TimeoutMs;
            }
            else if (isConfirmable)
            {
                observer.IsOutstanding = true;
                observer.Repeats = 0;
                observer.TimeoutMs = _parameters.FirstTimeoutMs(_endpoint.Random);
                observer.NextMs = nowMs + observer.TimeoutMs;
            }
            else
            {
                observer.SinceConfirmed++;
                observer.NextMs = nowMs + _parameters.NotificationGapMs;
            }
        }

        // the first one, so that a forged address gets nothing more; then now and then, so that who left is noticed
        private bool MustConfirm(CoapObserver observer, long nowMs)
        {
            return !observer.IsConfirmed
                || observer.Resource.ConfirmsNotifications
                || observer.SinceConfirmed + 1 >= _parameters.NotificationsPerConfirmation
                || nowMs - observer.ConfirmedMs >= _parameters.ConfirmationMs;
        }

        private int RefreshAfterMs(CoapResource resource)
        {
            int seconds = _parameters.NotificationMaxAgeSeconds;
            return (seconds > resource.MaxAgeSeconds ? seconds : resource.MaxAgeSeconds) * 1000;
        }

        // RFC 7641 section 4.4: one sequence for all observations, so that a client that registers again sees it go on
        private int NextSequence()
        {
            _sequence = (_sequence + 1) & SequenceMask;
            return _sequence;
        }
    }
}
