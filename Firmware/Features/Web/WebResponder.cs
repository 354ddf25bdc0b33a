// From an HTTP request to its answer: the page at /, and the Thing's resources as CoAP has them, mapped after RFC 8075: methods, codes, formats, ETags.
// Each answer is written whole into the connection's buffer. Left out: ranges, compression, GET with conditions on dates; FETCH, which HTTP has not.

using Firmware.Features.Coap;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Http;
using Firmware.Protocols.Io;

namespace Firmware.Features.Web
{
    /// <summary>Answers requests. One for all connections; allocates nothing after construction.</summary>
    public sealed class WebResponder
    {
        private const int ETagLength = 4;

        private static readonly byte[] CloseWord = Bytes.FromString("close");
        private static readonly byte[] NoCache = Bytes.FromString("no-cache");
        private static readonly byte[] NoStore = Bytes.FromString("no-store");
        private static readonly byte[] Bearer = Bytes.FromString("Bearer");
        private static readonly byte[] ReadMethods = Bytes.FromString("GET, HEAD, OPTIONS");
        private static readonly byte[] AllMethods = Bytes.FromString("GET, HEAD, PUT, POST, PATCH, OPTIONS");
        private static readonly byte[] Actuators = Bytes.FromString(ThingCollection.ActuatorsPath);
        private static readonly byte[] PlainText = Bytes.FromString("text/plain; charset=utf-8");
        private static readonly byte[] NotThere = Bytes.FromString("there is no such resource: GET /.well-known/core lists them");
        private static readonly byte[] NotSo = Bytes.FromString("the resource does not take this method");
        private static readonly byte[] UnknownType = Bytes.FromString("use application/json, text/plain, application/cbor, or with PATCH application/senml-etch+json");
        private static readonly byte[] NoFormat = Bytes.FromString("none of the formats in Accept is to be had");
        private static readonly byte[] HasChanged = Bytes.FromString("the resource is not what If-Match wants any more");
        private static readonly byte[] TooLong = Bytes.FromString("the answer does not fit into this device's buffer");

        private readonly CoapResource[] _resources;
        private readonly WebAccess _access;
        private readonly Clock _clock;
        private readonly CoapRequest _request = new CoapRequest();
        private readonly CoapResponse _response = new CoapResponse();
        private readonly byte[] _body = new byte[Limits.HttpBody];
        private readonly byte[] _tag = new byte[ETagLength];

        /// <summary>Creates a responder.</summary>
        /// <param name="views">The Thing's resources as CoAP resources.</param>
        /// <param name="access">Who may change something.</param>
        /// <param name="clock">The date.</param>
        public WebResponder(CoapResource[] views, WebAccess access, Clock clock)
        {
            _access = access;
            _clock = clock;
            _resources = new CoapResource[views.Length + 1];
            for (int i = 0; i < views.Length; i++)
            {
                _resources[i] = views[i];
            }

            _resources[views.Length] = new CoapDiscovery(views);
        }

        /// <summary>Answers a request to one of the Thing's resources.</summary>
        /// <param name="request">The request.</param>
        /// <param name="writer">Over the connection's buffer.</param>
        /// <param name="nowMs">The time.</param>
        public void Answer(HttpRequestReader request, HttpWriter writer, long nowMs)
        {
            CoapResource resource = Find(request);
            if (resource == null)
            {
                Tell(request, writer, 404, NotThere);
                return;
            }

            switch (request.Method)
            {
                case HttpMethod.Get:
                case HttpMethod.Head:
                    Read(resource, request, writer, nowMs);
                    return;
                case HttpMethod.Put:
                case HttpMethod.Post:
                case HttpMethod.Patch:
                    Change(resource, request, writer, nowMs);
                    return;
                case HttpMethod.Options:
                    Begin(request, writer, 204);
                    writer.Field(HttpField.Allow, MethodsOf(resource));
                    writer.EndHead();
                    return;
                default:
                    RefuseMethod(resource, request, writer);
                    return;
            }
        }

        /// <summary>Answers with a text for people.</summary>
        /// <param name="request">The request, which decides whether the connection stays.</param>
        /// <param name="writer">Where to.</param>
        /// <param name="status">The status.</param>
        /// <param name="text">The text, UTF-8; null for none.</param>
        public void Tell(HttpRequestReader request, HttpWriter writer, int status, byte[] text)
        {
            Begin(request, writer, status);
            if (status == 401)
            {
                writer.Field(HttpField.WwwAuthenticate, Bearer);
            }

            End(request, writer, text == null ? Bytes.Empty : text);
        }

        /// <summary>Writes the head of a page of bytes that the connection sends itself.</summary>
        /// <param name="request">The request.</param>
        /// <param name="writer">Where to.</param>
        /// <param name="fields">Whole field lines: type and policy.</param>
        /// <param name="length">The length of the page.</param>
        public void BeginPage(HttpRequestReader request, HttpWriter writer, byte[] fields, int length)
        {
            Begin(request, writer, 200);
            writer.Field(HttpField.CacheControl, NoCache);
            writer.Out.Raw(fields);
            writer.EndHeadWithLength(length);
        }

        private void Read(CoapResource resource, HttpRequestReader request, HttpWriter writer, long nowMs)
        {
            int format = HttpAccept.Choose(request, resource.Formats);
            if (format == CoapFormat.None)
            {
                Tell(request, writer, 406, NoFormat);
                return;
            }

            int code = Represent(resource, format, nowMs);
            if (code != CoapCode.Content)
            {
                Fail(request, writer, code);
                return;
            }

            WriteTag();
            bool isKnown = HttpETag.IsKnown(request, true, _tag, 0, ETagLength);
            Begin(request, writer, isKnown ? 304 : 200);
            HttpETag.Write(writer, _tag, 0, ETagLength);
            writer.Field(HttpField.CacheControl, NoCache);
            if (isKnown)
            {
                writer.EndHead();
                return;
            }

            writer.Field(HttpField.ContentType, TypeOf(format));
            if (request.Method == HttpMethod.Head)
            {
                writer.EndHeadWithLength(_response.Body.Length);
                return;
            }

            writer.Body(_body, 0, _response.Body.Length);
        }

        private void Change(CoapResource resource, HttpRequestReader request, HttpWriter writer, long nowMs)
        {
            int refusal = _access.Judge(request);
            if (refusal != 0)
            {
                Tell(request, writer, refusal, _access.Reason);
                return;
            }

            bool saysType = request.ValueLength(HttpField.ContentType) > 0;
            int contentFormat = saysType ? HttpCoap.FormatOf(request.Buffer, request.ValueOffset(HttpField.ContentType), request.ValueLength(HttpField.ContentType)) : CoapFormat.None;
            int accept = HttpAccept.Choose(request, resource.Formats);
            if (saysType && contentFormat == CoapFormat.None)
            {
                Tell(request, writer, 415, UnknownType);
                return;
            }

            if (accept == CoapFormat.None)
            {
                Tell(request, writer, 406, NoFormat);
                return;
            }

            if (request.Has(HttpField.IfMatch) && !IsMatch(resource, request, nowMs))
            {
                Tell(request, writer, 412, HasChanged);
                return;
            }

            _request.Compose(HttpCoap.MethodOf(request.Method), accept, contentFormat, request.Buffer, request.BodyOffset, request.BodyLength);
            _response.Begin(_body, 0, _body.Length, accept);
            int code = resource.Change(_request, _response, nowMs);
            if (code == CoapCode.MethodNotAllowed)
            {
                RefuseMethod(resource, request, writer);
                return;
            }

            if (code != CoapCode.Changed && code != CoapCode.Created && code != CoapCode.Deleted)
            {
                Fail(request, writer, code);
                return;
            }

            int length = _response.Body.Length;
            Begin(request, writer, HttpCoap.StatusOf(code, length > 0));
            if (length == 0)
            {
                writer.EndHead();
                return;
            }

            writer.Field(HttpField.ContentType, TypeOf(_response.ContentFormat));
            writer.Field(HttpField.CacheControl, NoStore);
            writer.Body(_body, 0, length > _body.Length ? 0 : length);
        }

        private int Represent(CoapResource resource, int format, long nowMs)
        {
            _request.Compose(CoapCode.Get, format, CoapFormat.None, Bytes.Empty, 0, 0);
            _response.Begin(_body, 0, _body.Length, format);
            int code = resource.Represent(_request, format, _response, nowMs);
            if (code == CoapCode.Content && _response.Body.Length > _body.Length)
            {
                _response.Diagnostic = TooLong;
                return CoapCode.InternalServerError;
            }

            return code;
        }

        // against each format that the client may have seen
        private bool IsMatch(CoapResource resource, HttpRequestReader request, long nowMs)
        {
            for (int i = 0; i < resource.Formats.Length; i++)
            {
                bool exists = Represent(resource, resource.Formats[i], nowMs) == CoapCode.Content;
                WriteTag();
                if (HttpETag.MayChange(request, exists, _tag, 0, ETagLength))
                {
                    return true;
                }
            }

            return false;
        }

        private void Fail(HttpRequestReader request, HttpWriter writer, int code)
        {
            int status = HttpCoap.StatusOf(code, true);
            byte[] text = _response.Diagnostic;
            Begin(request, writer, status);
            if (status == 503)
            {
                int wait = _response.MaxAgeSeconds;
                writer.NumberField(HttpField.RetryAfter, wait == CoapRequest.NotGiven ? CoapResource.DefaultMaxAgeSeconds : wait);
            }

            End(request, writer, text == null ? Bytes.Empty : text);
        }

        private void RefuseMethod(CoapResource resource, HttpRequestReader request, HttpWriter writer)
        {
            Begin(request, writer, 405);
            writer.Field(HttpField.Allow, MethodsOf(resource));
            End(request, writer, NotSo);
        }

        private void Begin(HttpRequestReader request, HttpWriter writer, int status)
        {
            writer.Response(status);
            if (_clock.IsDateSet)
            {
                writer.DateField(_clock.UnixSeconds);
            }

            if (!request.KeepsAlive)
            {
                writer.Field(HttpField.Connection, CloseWord);
            }
        }

        private static void End(HttpRequestReader request, HttpWriter writer, byte[] text)
        {
            if (text.Length > 0)
            {
                writer.Field(HttpField.ContentType, PlainText);
            }

            if (request.Method == HttpMethod.Head)
            {
                writer.EndHeadWithLength(text.Length);
                return;
            }

            writer.Body(text, 0, text.Length);
        }

        // the paths have no characters that need encoding, so an encoded one is none of them
        private CoapResource Find(HttpRequestReader request)
        {
            int length = request.PathLength - 1;
            for (int i = 0; i < _resources.Length && length > 0; i++)
            {
                if (Bytes.AreEqual(request.Buffer, request.PathOffset + 1, length, _resources[i].Path))
                {
                    return _resources[i];
                }
            }

            return null;
        }

        private static byte[] MethodsOf(CoapResource resource)
        {
            return Bytes.StartsWith(resource.Path, 0, resource.Path.Length, Actuators) ? AllMethods : ReadMethods;
        }

        private void WriteTag()
        {
            int hash = _response.Body.Hash;
            for (int i = 0; i < ETagLength; i++)
            {
                _tag[i] = (byte)hash;
                hash >>= 8;
            }
        }

        private static byte[] TypeOf(int format)
        {
            return format == CoapFormat.Text ? PlainText : HttpCoap.MediaTypeOf(format);
        }
    }
}
