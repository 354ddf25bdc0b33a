// HTTP behind the doors: publishing with POST /topics/<topic>?qos=0|1[&retain=true], and MQTT over WebSocket at /mqtt.
//
// AWS IoT Core Developer Guide, "HTTPS" and "MQTT over the WebSocket protocol"; API reference, "Publish". Who asks is known by the client certificate or by SigV4.
// Answers: {"message":...,"traceId":...} with x-amzn-RequestId, and x-amzn-ErrorType with errors; of AWS IoT Core's own answers only those of 200 and 403 are
// known from what others wrote down, the words of the rest are [own]. The header Date is the stand-in's clock, by which a client sees how wrong its own is.
// Leaves out: MQTT 5 properties (their query parameters and headers are ignored), shadows, GET /retainedMessage, custom authorizers, other sub-protocols than mqtt.

using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Firmware.Simulator.Aws;

/// <summary>Answers the HTTP requests of all doors.</summary>
internal sealed class HttpService(Broker broker, DevelopmentCredentials credentials)
{
    private const string TopicsPath = "/topics/";
    private const string WebSocketPath = "/mqtt";
    private const string SubProtocol = "mqtt";

    private readonly SigV4Verifier _verifier = new(credentials, broker.Options.Time);

    /// <summary>Answers one request; a WebSocket is one until it is over.</summary>
    internal async Task ServeAsync(HttpContext context)
    {
        DoorVisitor visitor = context.Features.Get<DoorVisitor>() ?? throw new InvalidOperationException("a request came through no door");
        context.Response.Headers.Date = broker.Options.Time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        string target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        string path = target.Split('?')[0];
        if (visitor.Service == DoorService.Signed && path == WebSocketPath)
        {
            await ServeWebSocketAsync(context, visitor, target).ConfigureAwait(false);
            return;
        }

        byte[]? body = await ReadBodyAsync(context).ConfigureAwait(false);
        if (body is null)
        {
            context.Response.Headers.Connection = "close"; // the rest of the body is not read
            await RefuseAsync(
                context, visitor, null, 413, "Request entity too large", $"a payload has at most {AwsLimits.PayloadBytes} bytes [AWS quotas]", "Send less at a time.").ConfigureAwait(false);
            return;
        }

        string publisher;
        if (visitor.Service == DoorService.Signed)
        {
            SignatureVerdict verdict = _verifier.VerifyHeaders(context.Request.Method, target, context.Request.Headers, body);
            if (verdict.Key is null)
            {
                await RefuseAsync(context, visitor, null, 403, verdict.Message, verdict.Message.TrimEnd('.'), verdict.Advice).ConfigureAwait(false);
                return;
            }

            publisher = Identity(verdict.Key);
        }
        else
        {
            X509Certificate2 certificate = context.Connection.ClientCertificate ?? throw new InvalidOperationException("a request came without a client certificate");
            publisher = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        }

        if (!path.StartsWith(TopicsPath, StringComparison.Ordinal) || path.Length == TopicsPath.Length)
        {
            await RefuseAsync(context, visitor, publisher, 404, "Not Found", $"nothing is at {path}", "POST to /topics/ with the encoded topic; the stand-in has no other resource.").ConfigureAwait(false);
            return;
        }

        if (context.Request.Method != "POST")
        {
            context.Response.Headers.Allow = "POST";
            await RefuseAsync(context, visitor, publisher, 405, "Method Not Allowed", $"{context.Request.Method} of a topic", "Use POST.").ConfigureAwait(false);
            return;
        }

        await PublishAsync(context, visitor, publisher, path[TopicsPath.Length..], body).ConfigureAwait(false);
    }

    private async Task PublishAsync(HttpContext context, DoorVisitor visitor, string publisher, string encodedTopic, byte[] body)
    {
        AwsRules rules = broker.Options.Rules;
        (string topic, int qos, bool retain, Violation? violation) = ReadPublish(context.Request.Query, encodedTopic);
        violation ??= TopicRules.JudgeTopic(topic) ?? ConnectRules.JudgeRetain(retain, topic, rules);
        if (violation is not null)
        {
            await RefuseAsync(context, visitor, publisher, 400, "Bad Request", $"{violation.Rule}; found {violation.Found}", violation.Advice).ConfigureAwait(false);
            return;
        }

        visitor.Rate ??= new PublishRate(broker.Options.Time);
        if (!visitor.Rate.Admits(out _))
        {
            await RefuseAsync(
                context, visitor, publisher, 429, "Rate exceeded", $"more than {AwsLimits.PublishesPerSecond} messages a second on one connection [own]", "Publish less often.").ConfigureAwait(false);
            return;
        }

        var request = new PublishRequest(publisher, visitor.Door, topic, qos, retain, body.Length);
        if (broker.Options.HttpStatusOverride?.Invoke(request) is { } status && status != 200)
        {
            await RefuseAsync(context, visitor, publisher, status, Word(status), $"the test asked for {status}", "None: this is a test.").ConfigureAwait(false);
            return;
        }

        if (encodedTopic.Contains('/'))
        {
            broker.Emit(new RuleViolated(
                publisher, visitor.Door, "a topic in a path is URL-encoded [AWS HTTPS]", $"a plain / in {encodedTopic}", "Write %2F; the stand-in takes both.", RuleConsequence.Allowed));
        }

        await broker.PublishAsync(publisher, "https", topic, body, qos, retain).ConfigureAwait(false);
        await AnswerAsync(context, 200, "OK").ConfigureAwait(false);
    }

    private static (string Topic, int Qos, bool Retain, Violation? Violation) ReadPublish(IQueryCollection query, string encodedTopic)
    {
        if (!TryDecode(encodedTopic, out string topic))
        {
            return (topic, 0, false, new Violation("a topic is URL-encoded UTF-8 [AWS HTTPS]", encodedTopic, "Encode its bytes like %2F."));
        }

        string qos = query.TryGetValue("qos", out var q) ? q.ToString() : "0";
        string retain = query.TryGetValue("retain", out var r) ? r.ToString() : "false";
        Violation? violation = qos is not ("0" or "1") ? new Violation("qos is 0 or 1 [AWS Publish]", $"qos={qos}", "Publish with QoS 0 or 1.")
            : retain is not ("true" or "false") ? new Violation("retain is true or false [AWS Publish]", $"retain={retain}", "Write retain=true, or leave it out.")
            : null;
        return (topic, qos == "1" ? 1 : 0, retain == "true", violation);
    }

    private async Task ServeWebSocketAsync(HttpContext context, DoorVisitor visitor, string target)
    {
        SignatureVerdict verdict = _verifier.VerifyUrl(context.Request.Method, target, context.Request.Headers);
        if (verdict.Key is null)
        {
            await RefuseAsync(context, visitor, null, 403, verdict.Message, verdict.Message.TrimEnd('.'), verdict.Advice).ConfigureAwait(false);
            return;
        }

        string who = Identity(verdict.Key);
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, visitor, who, 426, "Upgrade Required", "no WebSocket handshake at /mqtt", "Use a WebSocket client: Connection: Upgrade, Upgrade: websocket.").ConfigureAwait(false);
            return;
        }

        if (!context.WebSockets.WebSocketRequestedProtocols.Contains(SubProtocol))
        {
            await RefuseAsync(context, visitor, who, 400, "Bad Request", "the WebSocket asks for no sub-protocol mqtt", "Send Sec-WebSocket-Protocol: mqtt.").ConfigureAwait(false);
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = SubProtocol, KeepAliveInterval = Timeout.InfiniteTimeSpan }).ConfigureAwait(false);
        var wire = new WebSocketWire(socket, context);
        using var device = new DeviceConnection(wire, visitor.At(IotCoreStandIn.WebSocketDoor), null, who, broker);
        ITimer limit = broker.Options.Time.CreateTimer(
            _ => device.Drop($"a WebSocket connection lasts at most {AwsLimits.WebSocketHours} h [AWS quotas]"), null, TimeSpan.FromHours(AwsLimits.WebSocketHours), Timeout.InfiniteTimeSpan);
        await using (limit.ConfigureAwait(false))
        {
            await wire.CarryAsync(() => broker.RunAsync(device)).ConfigureAwait(false);
        }
    }

    /// <summary>The whole body; null if it is larger than a payload may be.</summary>
    private static async Task<byte[]?> ReadBodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > AwsLimits.PayloadBytes)
        {
            return null;
        }

        using var body = new MemoryStream();
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            int count = await context.Request.Body.ReadAsync(buffer, context.RequestAborted).ConfigureAwait(false);
            if (count == 0)
            {
                return body.ToArray();
            }

            if (body.Length + count > AwsLimits.PayloadBytes)
            {
                return null;
            }

            body.Write(buffer, 0, count);
        }
    }

    private async Task RefuseAsync(HttpContext context, DoorVisitor visitor, string? who, int status, string message, string reason, string advice)
    {
        broker.Emit(new RequestRefused(visitor.Door, visitor.Remote, who, status, reason, advice));
        context.Response.Headers["x-amzn-ErrorType"] = ErrorType(status) + ":";
        await AnswerAsync(context, status, message).ConfigureAwait(false);
    }

    private static async Task AnswerAsync(HttpContext context, int status, string message)
    {
        string id = Guid.NewGuid().ToString();
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["message"] = message, ["traceId"] = id });
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        context.Response.Headers["x-amzn-RequestId"] = id;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    private static bool TryDecode(string encoded, out string text)
    {
        text = encoded;
        var bytes = new List<byte>();
        for (int i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] != '%')
            {
                bytes.Add((byte)encoded[i]); // Kestrel lets nothing but ASCII through
            }
            else if (i + 2 < encoded.Length && byte.TryParse(encoded.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                return false;
            }
        }

        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes]);
            return !text.Contains('\0');
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string Identity(DevelopmentAccessKey key) => "SigV4 " + key.Profile;

    private static string ErrorType(int status) => status switch
    {
        400 or 426 => "InvalidRequestException",
        403 => "ForbiddenException",
        404 => "ResourceNotFoundException",
        405 => "MethodNotAllowedException",
        413 => "RequestEntityTooLargeException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        _ => "InternalFailureException",
    };

    private static string Word(int status) => status switch
    {
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        413 => "Request entity too large",
        429 => "Rate exceeded",
        503 => "Service Unavailable",
        _ => "Internal Failure",
    };
}
