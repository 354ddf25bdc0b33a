// What a model client does: one operation after the other, each of one or more requests.

using System.Buffers.Binary;
using Firmware.Protocols.Coap;

namespace Firmware.Simulator.Campaigns;

internal sealed partial class CoapModelClient
{
    private const int MaxRestarts = 12;

    private readonly bool _isEchoKnown;
    private readonly List<byte> _body = [];
    private readonly byte[] _upload = new byte[2048];
    private readonly byte[] _number8 = new byte[CoapContent.Header];
    private readonly byte[] _tag = new byte[2];
    private Kind _kind = Kind.None;
    private int _lastRound = -1;
    private int _completed;
    private byte[]? _echo;
    private int _echoTries;
    private long _number;
    private int _restarts;
    private bool _wantsConfirmable;

    // blocks: the size, how far it has come, how much there is
    private int _szx;
    private bool _namesSize;
    private int _offset;
    private int _total;
    private bool _hasTag;
    private int _tags;
    private long _etag;

    internal enum Kind : byte
    {
        None,
        Count,
        Put,
        Get,
        ReadLarge,
        Upload,
        Assemble,
        SlowGet,
        SlowPost,

        // the last round ends here
        PutThing,
        DeleteThing,
        GetThing,
        Ping,
        Discover,
        ReadRest,
        Observe,
        Cancel,
    }

    // nothing is under way, and all of the last round has been done
    internal bool IsDone => !_isWaiting && _kind == Kind.None && _lastRound > (int)Kind.SlowPost && !_world.IsQuiet;

    // for the soak: operations that came to their end
    internal int Completed => _completed;

    private bool IsIdle => _kind == Kind.None && (_world.IsQuiet || _lastRound > (int)Kind.SlowPost) && !WantsToObserve;

    internal void BeginLastRound()
    {
        _goneUntilMs = 0;
        _lastRound = (int)Kind.Count;
        _stepMs = Math.Min(_stepMs, _world.NowMs + 5000);
    }

    internal void EndLastRound()
    {
        _lastRound = -1;
        _stepMs = Math.Max(_stepMs, _world.NowMs);
    }

    private void Step()
    {
        if (_kind == Kind.None)
        {
            Choose();
        }

        if (_kind != Kind.None)
        {
            Send();
        }
    }

    private void Choose()
    {
        bool isLast = _lastRound >= 0;
        if (WantsToObserve)
        {
            ChooseToObserve();
            return;
        }

        if (!isLast && _random.Chance(_world.Conditions.LeaveChance))
        {
            Leave();
            return;
        }

        Kind kind = isLast ? (Kind)_lastRound : (Kind)_random.Between(1, 16);
        if (isLast && _lastRound > (int)Kind.SlowPost)
        {
            return;
        }

        if (kind is Kind.ReadRest or Kind.Observe or Kind.Cancel)
        {
            BeginObservation(kind);
            return;
        }

        Begin(kind);
    }

    private void Begin(Kind kind)
    {
        _kind = kind;
        _echo = _isEchoKnown ? _echo : null;
        _echoTries = 0;
        _restarts = 0;
        _wantsConfirmable = _lastRound >= 0 || kind is Kind.Upload or Kind.Assemble or Kind.Ping || _random.Chance(700);
        BeginBody();
    }

    // a body that is read or sent begins, anew after a restart
    private void BeginBody()
    {
        CoapConditions c = _world.Conditions;
        _number = _kind is Kind.Count or Kind.Put or Kind.SlowPost or Kind.PutThing or Kind.Upload or Kind.Assemble ? _world.Oracle.Number() : 0;
        BinaryPrimitives.WriteInt64BigEndian(_number8, _number);
        _body.Clear();
        _offset = 0;
        _etag = -1;
        if (_restarts > 0 && _kind is Kind.Upload or Kind.Assemble)
        {
            // the size that the server has named stays
            SetUpload();
            return;
        }

        _namesSize = _random.Chance(500);
        int largest = 6;
        while (largest > 0 && (16 << largest) + 64 > c.MaxMessage)
        {
            largest--;
        }

        // now and then too large, so that the server must say what it takes
        _szx = _kind is Kind.Upload or Kind.Assemble && _random.Chance(50) && largest < 6 ? largest + 1 : _random.Between(_kind == Kind.Assemble ? Math.Min(1, largest) : 0, largest);
        SetUpload();
    }

    private void SetUpload()
    {
        CoapConditions c = _world.Conditions;
        if (_kind is Kind.Upload or Kind.Assemble)
        {
            int longest = _kind == Kind.Upload ? 1500 : Math.Min(c.Options.TransferBytes, 3 * (16 << _szx));
            _total = _random.Between(CoapContent.Header, Math.Max(CoapContent.Header, longest));
            CoapContent.Fill(_upload.AsSpan(0, _total), _number);
            _world.Oracle.Sending(_number, _total);

            // RFC 9175 section 3.5.1: a late copy of a block must not be taken for one of this body
            _hasTag = c.LossChance + c.DuplicateChance + c.DelayChance > 0 || _random.Chance(500);
            BinaryPrimitives.WriteUInt16BigEndian(_tag, (ushort)++_tags);
        }
    }

    private void Send()
    {
        _messageId = _nextMessageId = (_nextMessageId + 1) & 0xFFFF;
        if (_kind is Kind.Observe or Kind.Cancel)
        {
            _token = _observing!.Token;
            _tokenLength = _observing.TokenLength;
        }
        else
        {
            NewToken();
        }

        int method = _kind switch
        {
            Kind.Ping => CoapCode.Empty,
            Kind.Count or Kind.Assemble or Kind.SlowPost => CoapCode.Post,
            Kind.Put or Kind.PutThing or Kind.Upload => CoapCode.Put,
            Kind.DeleteThing => CoapCode.Delete,
            _ => CoapCode.Get,
        };
        if (_kind == Kind.Ping)
        {
            _writer.Begin(CoapPacket.Con, 0, _messageId, 0, 0);
            Launch(isConfirmable: true);
            return;
        }

        _writer.Begin(_wantsConfirmable ? CoapPacket.Con : CoapPacket.Non, method, _messageId, _token, _tokenLength);
        if (_kind is Kind.Observe or Kind.Cancel)
        {
            _writer.OptionUInt(6, _kind == Kind.Observe ? 0u : 1u);
        }

        foreach (byte[] segment in PathOf())
        {
            _writer.Option(11, segment);
        }

        AddBlocks();
        if (_echo is not null)
        {
            _writer.Option(252, _echo);
        }

        if (_hasTag && _kind is Kind.Upload or Kind.Assemble)
        {
            _writer.Option(292, _tag);
        }

        if (_kind is Kind.Upload or Kind.Assemble)
        {
            _writer.Payload(_upload.AsSpan(_offset, Math.Min(16 << _szx, _total - _offset)));
        }
        else if (_number != 0)
        {
            _writer.Payload(_number8);
        }

        Launch(_wantsConfirmable);
    }

    private void AddBlocks()
    {
        if (_kind is Kind.Upload or Kind.Assemble)
        {
            bool hasMore = _total - _offset > 16 << _szx;
            if (hasMore || _offset > 0 || _namesSize)
            {
                _writer.OptionUInt(27, (uint)(((_offset >> (_szx + 4)) << 4) | (hasMore ? 8 : 0) | _szx));
            }
        }
        else if (_kind is Kind.ReadLarge or Kind.ReadRest or Kind.Discover && (_namesSize || _body.Count > 0))
        {
            _writer.OptionUInt(23, (uint)(((_body.Count >> (_szx + 4)) << 4) | _szx));
        }
    }

    private byte[][] PathOf() => _kind switch
    {
        Kind.Count => _world.Counter.Segments2,
        Kind.Put or Kind.Get => _world.Register.Segments2,
        Kind.ReadLarge => _world.Large.Segments2,
        Kind.ReadRest => _world.ObsLarge.Segments2,
        Kind.Upload => _world.Upload.Segments2,
        Kind.Assemble => _world.Assembled.Segments2,
        Kind.SlowGet or Kind.SlowPost => _world.Slow.Segments2,
        Kind.Observe or Kind.Cancel => _observing!.Path,
        Kind.Discover => WellKnown,
        _ => _world.Thing.Segments2,
    };

    private static readonly byte[][] WellKnown = ["\u002ewell-known"u8.ToArray(), "core"u8.ToArray()];

    private void Answered(CoapPacket packet)
    {
        bool isSuccess = packet.CodeClass == 2;
        switch (_kind)
        {
            case Kind.ReadLarge or Kind.ReadRest or Kind.Discover:
                TakeBlock(packet);
                return;
            case Kind.Upload or Kind.Assemble:
                BlockTaken(packet);
                return;
            case Kind.Observe or Kind.Cancel:
                ObserveAnswered(packet);
                return;
            case Kind.Get or Kind.GetThing:
                CoapHistory history = (_kind == Kind.Get ? _world.Register : _world.Thing).History;
                long value = packet.Code == 0x84 ? -1 : NumberOf(packet.Payload);
                if (packet.Code is not (0x45 or 0x84) || !history.Had(value, _sentMs))
                {
                    _world.Fail($"client {_peer} has read {value} (code {packet.Code >> 5}.{packet.Code & 31:00}), which was not the state at any time since it asked");
                }

                break;
            case Kind.SlowGet when packet.Code != 0x45 || NumberOf(packet.Payload) != 77:
                _world.Fail($"a slow GET was answered with code {packet.Code >> 5}.{packet.Code & 31:00}");
                break;
            case Kind.Count or Kind.Put or Kind.PutThing or Kind.SlowPost when isSuccess:
                _world.Oracle.Succeeded(_number);
                break;
        }

        End(isSuccess, 0, packet.Code);
    }

    // an answer in blocks, or whole
    private void TakeBlock(CoapPacket packet)
    {
        if (packet.Code == 0x80 && _body.Count > 0)
        {
            // it has become shorter meanwhile
            Restart();
            return;
        }

        if (packet.Code != 0x45)
        {
            _world.Fail($"reading was answered with code {packet.Code >> 5}.{packet.Code & 31:00}");
            return;
        }

        long block = packet.UIntOf(23);
        int szx = block < 0 ? 6 : (int)block & 7;
        long offset = block < 0 ? 0 : (block >> 4) << (szx + 4);
        if (offset != _body.Count || (block >= 0 && _body.Count > 0 && szx > _szx))
        {
            _world.Fail($"RFC 7959 2.4: a block that begins at {offset} with size exponent {szx} answers the question for {_body.Count} with {_szx}");
            return;
        }

        int at = packet.IndexOf(4);
        long etag = at < 0 ? -1 : packet.UIntAt(at);
        if (block >= 0 && etag < 0)
        {
            _world.Fail("RFC 7959 2.4: a block without ETag of what changes");
            return;
        }

        if (_body.Count > 0 && etag != _etag)
        {
            Restart();
            return;
        }

        _etag = etag;
        _szx = block < 0 ? _szx : szx;
        _body.AddRange(packet.Payload);
        if (block >= 0 && (block & 8) != 0)
        {
            Continue();
            return;
        }

        CheckBody();
        End(isSuccess: true, 0);
    }

    private void CheckBody()
    {
        ReadOnlySpan<byte> body = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_body);
        _world.Oracle.Bodies++;
        if (_kind == Kind.Discover)
        {
            if (!body.StartsWith("</counter>"u8) || body.IndexOf("</obs-large>"u8) < 0)
            {
                _world.Fail("RFC 6690: the links are not complete");
            }

            return;
        }

        long version = CoapContent.Check(body);
        int length = _kind == Kind.ReadLarge ? CoapContent.LargeLength(version) : CoapContent.LargeLength(version) / 4;
        if (version < 0 || body.Length != length)
        {
            _world.Fail($"RFC 7959 2.4: a body of {body.Length} bytes was put together from blocks of one ETag, but is no version of the resource ({version})");
            return;
        }

        if (_kind == Kind.ReadRest)
        {
            RestRead(version);
        }
    }

    // what became of a block of a body that is sent
    private void BlockTaken(CoapPacket packet)
    {
        int size = 16 << _szx;
        bool hasMore = _total - _offset > size;
        long block = packet.UIntOf(27);
        if (packet.Code == 0x5F)
        {
            if (!hasMore || block < 0 || block >> 4 != _offset >> (_szx + 4))
            {
                _world.Fail("RFC 7959 2.9.1: 2.31 for the last block, or for another one");
                return;
            }

            _offset += size;
            _szx = Math.Min(_szx, (int)block & 7);
            Continue();
        }
        else if (packet.CodeClass == 2)
        {
            if (hasMore)
            {
                _world.Fail("RFC 7959 2.3: success before the last block");
            }

            _world.Oracle.Succeeded(_number);
            End(isSuccess: true, 0);
        }
        else if (packet.Code is 0x88 or 0x8D)
        {
            if (packet.Code == 0x8D)
            {
                _szx = block >= 0 ? Math.Min(_szx, (int)block & 7) : Math.Max(0, _szx - 1);
            }

            Restart();
        }
        else
        {
            End(isSuccess: false, 0, packet.Code);
        }
    }

    private void Restart()
    {
        if (++_restarts > MaxRestarts && !_world.IsCalm)
        {
            End(isSuccess: false, 0);
            return;
        }

        BeginBody();
        _stepMs = _world.NowMs + _random.Next(200);
    }

    // the next block: at once, or after a while
    private void Continue()
    {
        if (!_world.IsCalm && _random.Chance(20))
        {
            _stepMs = _world.NowMs + _random.Next(_random.Chance(200) ? 120_000 : 5000);
            return;
        }

        Send();
    }

    // code: an error, of which the oracle knows that nothing was done; 0: not known
    private void End(bool isSuccess, int waitMs, int code = 0)
    {
        if (!isSuccess && (code != 0 || waitMs > 0) && _kind is Kind.Count or Kind.SlowPost)
        {
            _world.Oracle.Refused(_number, code == 0 ? 0xA3 : code);
        }

        ObserveEnded(isSuccess);
        if (_lastRound == (int)_kind && isSuccess)
        {
            _lastRound++;
        }

        _completed += isSuccess ? 1 : 0;
        _kind = Kind.None;
        _stepMs = _world.NowMs + (_lastRound >= 0 ? 500 + waitMs : _random.Wait(_world.Conditions.OperationEveryMs) + (_random.Chance(500) ? waitMs : 0));
    }

    private void Leave()
    {
        _world.Log.Note(_world.NowMs, "client {0}: goes away without a word", _peer);
        _goneUntilMs = _world.NowMs + 5000 + _random.Next(150_000);
        _stepMs = _goneUntilMs + 1;
        _observations.Clear();
    }
}
