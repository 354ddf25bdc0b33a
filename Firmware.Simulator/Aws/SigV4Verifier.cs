// Verifies AWS's Signature Version 4 by computing it again from the request as it came: in the query of a WebSocket's URL, or in the header Authorization.
//
// AWS General Reference, "Signature Version 4 signing process"; for the URL of MQTT over WebSocket the AWS IoT Core Developer Guide: only host is signed, the
// body is empty, and X-Amz-Security-Token is appended after signing. Written apart from the device's signer and with .NET's cryptography; tests hold it against
// the AWS SDK for .NET and curl. The words of refusals are those known from AWS services, not all of them seen at AWS IoT Core.
// Leaves out: signed queries of other requests than the WebSocket's, payloads in signed chunks. Any region is good: localhost is in none.

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Firmware.Simulator.Aws;

/// <summary>Who signed, or why the signature is refused.</summary>
/// <param name="Key">The key of a good signature; null = refused.</param>
/// <param name="Message">What AWS says.</param>
/// <param name="Advice">What to do.</param>
internal sealed record SignatureVerdict(DevelopmentAccessKey? Key, string Message, string Advice);

/// <summary>Judges signatures.</summary>
internal sealed class SigV4Verifier(DevelopmentCredentials credentials, TimeProvider time)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Terminator = "aws4_request";
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";
    private const string Signature = "X-Amz-Signature";
    private const string SecurityToken = "X-Amz-Security-Token";
    private const int LongestExpiry = 604_800;
    private static readonly string[] Services = ["iotdevicegateway", "iotdata"];
    private static readonly string[] QueryParameters = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", Signature];

    // what a signer claims, wherever it was written
    private sealed record Claim(string Credential, string Date, string SignedHeaders, string Signature, string? Token, string? Expires);

    /// <summary>Judges a signed URL.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">The request's target as it came: path and query.</param>
    /// <param name="headers">The headers.</param>
    internal SignatureVerdict VerifyUrl(string method, string target, IHeaderDictionary headers)
    {
        (string path, List<KeyValuePair<string, string>> query) = Split(target);
        string? Value(string name) => query.Where(q => q.Key == name).Select(q => q.Value).FirstOrDefault();
        if (!query.Any(q => q.Key.StartsWith("X-Amz-", StringComparison.Ordinal)))
        {
            return Refuse("Missing Authentication Token", "Sign the URL: X-Amz-Algorithm, X-Amz-Credential and so on in its query.");
        }

        if (QueryParameters.FirstOrDefault(name => string.IsNullOrEmpty(Value(name))) is { } missing)
        {
            return Refuse($"AWS query-string parameters must include '{missing}'. Re-examine the query-string parameters.", "Sign the URL completely.");
        }

        if (Value("X-Amz-Algorithm") != Algorithm)
        {
            return Refuse($"X-Amz-Algorithm only supports \"{Algorithm}\"", "Sign with it.");
        }

        var claim = new Claim(
            Value("X-Amz-Credential")!, Value("X-Amz-Date")!, Value("X-Amz-SignedHeaders")!, Value(Signature)!, Value(SecurityToken), Value("X-Amz-Expires"));
        query.RemoveAll(q => q.Key is Signature or SecurityToken);
        return Judge(claim, method, path, query, headers, SHA256.HashData([]));
    }

    /// <summary>Judges a request that is signed by its header Authorization.</summary>
    /// <param name="method">The method.</param>
    /// <param name="target">The request's target as it came: path and query.</param>
    /// <param name="headers">The headers.</param>
    /// <param name="body">The whole body.</param>
    internal SignatureVerdict VerifyHeaders(string method, string target, IHeaderDictionary headers, byte[] body)
    {
        string authorization = headers.Authorization.ToString();
        if (authorization.Length == 0)
        {
            return Refuse("Missing Authentication Token", "Sign the request (curl --aws-sigv4), or come with a client certificate: to port 8443, or here with ALPN x-amzn-http-ca.");
        }

        if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
        {
            return Refuse($"Unsupported AWS 'algorithm': '{authorization.Split(' ')[0]}'.", $"Sign with {Algorithm}.");
        }

        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string part in authorization[(Algorithm.Length + 1)..].Split(','))
        {
            string[] pair = part.Split('=', 2, StringSplitOptions.TrimEntries);
            parts[pair[0]] = pair[^1];
        }

        string date = headers["X-Amz-Date"].ToString();
        foreach (string name in (string[])["Credential", "SignedHeaders", "Signature"])
        {
            if (!parts.TryGetValue(name, out string? value) || value.Length == 0)
            {
                return Refuse($"Authorization header requires '{name}' parameter.", "Sign the request completely.");
            }
        }

        if (date.Length == 0)
        {
            return Refuse("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.", "Send X-Amz-Date and sign it.");
        }

        byte[] hash = SHA256.HashData(body);
        string stated = headers["x-amz-content-sha256"].ToString();
        if (stated.Length > 0 && stated != Convert.ToHexStringLower(hash))
        {
            return Refuse("The value passed in for x-amz-content-sha256 does not match the hash of the payload.", "Send the body that was signed.");
        }

        (string path, List<KeyValuePair<string, string>> query) = Split(target);
        string token = headers[SecurityToken].ToString();
        var claim = new Claim(parts["Credential"], date, parts["SignedHeaders"], parts["Signature"], token.Length == 0 ? null : token, null);
        return Judge(claim, method, path, query, headers, hash);
    }

    private SignatureVerdict Judge(
        Claim claim, string method, string path, List<KeyValuePair<string, string>> query, IHeaderDictionary headers, byte[] bodyHash)
    {
        string[] scope = claim.Credential.Split('/');
        if (scope.Length != 5 || scope[4] != Terminator || scope[2].Length == 0)
        {
            return Refuse(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.", $"Write it so, and end it with {Terminator}.");
        }

        if (!Services.Contains(scope[3]))
        {
            return Refuse("Credential should be scoped to correct service.", $"Sign for {string.Join(" or ", Services)}.");
        }

        if (credentials.Find(scope[0]) is not { } key || key.SessionToken != claim.Token)
        {
            return Refuse(
                "The security token included in the request is invalid.",
                "Use an access key of the stand-in's file aws-credentials, a temporary one with its session token.");
        }

        if (JudgeTime(claim, scope[1]) is { } late)
        {
            return late;
        }

        string[] signed = claim.SignedHeaders.Split(';');
        bool complete = signed.Contains("host") && (claim.Expires is not null || signed.All(h => h == h.ToLowerInvariant()));
        if (!complete || headers.Keys.Any(h => h.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase) && !signed.Contains(h.ToLowerInvariant())))
        {
            return Refuse("'Host' and every 'X-Amz-...' header must be a 'SignedHeader' in the AWS Authorization.", "Sign host and all headers x-amz-*, in lower case.");
        }

        string request = CanonicalRequest(method, path, query, headers, signed, claim.SignedHeaders, bodyHash);
        string toSign = string.Join('\n', Algorithm, claim.Date, string.Join('/', scope[1..]), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request))));
        byte[] signingKey = Encoding.UTF8.GetBytes("AWS4" + key.Secret);
        foreach (string part in scope[1..])
        {
            signingKey = HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(part));
        }

        string expected = Convert.ToHexStringLower(HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(toSign)));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(claim.Signature))
            ? new SignatureVerdict(key, string.Empty, string.Empty)
            : Refuse(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
                "Compare the secret, and the host with its port as it is sent in Host.");
    }

    private SignatureVerdict? JudgeTime(Claim claim, string scopeDate)
    {
        if (!DateTime.TryParseExact(claim.Date, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out DateTime signedAt))
        {
            return Refuse("Date must be in ISO-8601 'basic format'. Got '" + claim.Date + "'.", "Write it like 20261128T123456Z.");
        }

        if (claim.Date[..8] != scopeDate)
        {
            return Refuse(
                $"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scopeDate}' != '{claim.Date[..8]}', from '{claim.Date}'.", "Use one date for both.");
        }

        var skew = TimeSpan.FromMinutes(AwsLimits.SignatureMinutes);
        TimeSpan validity = skew;
        if (claim.Expires is not null)
        {
            if (!int.TryParse(claim.Expires, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) || seconds is < 1 or > LongestExpiry)
            {
                return Refuse($"X-Amz-Expires must be between 1 and {LongestExpiry} seconds", "Sign for a shorter time.");
            }

            // never longer than without it: people report that AWS IoT Core refuses older URLs whatever they say, and its logged answers name 5 minutes
            validity = TimeSpan.FromSeconds(Math.Min(seconds, skew.TotalSeconds));
        }

        const string Advice = "Set the clock: the header Date of this answer has the right time; then sign again.";
        DateTime now = time.GetUtcNow().UtcDateTime;
        string nowText = now.ToString(TimeFormat, CultureInfo.InvariantCulture);
        if (signedAt > now + skew)
        {
            string limit = (now + skew).ToString(TimeFormat, CultureInfo.InvariantCulture);
            return Refuse($"Signature not yet current: {claim.Date} is still later than {limit} ({nowText} + {AwsLimits.SignatureMinutes} min.)", Advice);
        }

        if (signedAt + validity < now)
        {
            string limit = (now - validity).ToString(TimeFormat, CultureInfo.InvariantCulture);
            return Refuse(
                validity == skew
                    ? $"Signature expired: {claim.Date} is now earlier than {limit} ({nowText} - {AwsLimits.SignatureMinutes} min.)"
                    : $"Signature expired: {claim.Date} is now earlier than {limit} ({nowText} - {claim.Expires} s)",
                Advice);
        }

        return null;
    }

    private static string CanonicalRequest(
        string method, string path, List<KeyValuePair<string, string>> query, IHeaderDictionary headers, string[] signed, string signedHeaders, byte[] bodyHash)
    {
        IEnumerable<string> parameters = query
            .Select(q => (Name: Encode(q.Key), Value: Encode(q.Value)))
            .OrderBy(q => q.Name, StringComparer.Ordinal).ThenBy(q => q.Value, StringComparer.Ordinal)
            .Select(q => q.Name + "=" + q.Value);
        IEnumerable<string> fields = signed.Select(name => name + ":" + Compact(headers[name]) + "\n");

        // the path is encoded as it came, a second time: only S3 signs it as it is
        string canonicalPath = string.Join('/', path.Split('/').Select(Encode));
        return string.Join('\n', method, canonicalPath, string.Join('&', parameters), string.Concat(fields), signedHeaders, Convert.ToHexStringLower(bodyHash));
    }

    private static (string Path, List<KeyValuePair<string, string>> Query) Split(string target)
    {
        string[] parts = target.Split('?', 2);
        var query = new List<KeyValuePair<string, string>>();
        foreach (string parameter in parts.Length == 2 ? parts[1].Split('&', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            string[] pair = parameter.Split('=', 2);
            query.Add(new KeyValuePair<string, string>(Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair.Length == 2 ? pair[1] : string.Empty)));
        }

        return (parts[0], query);
    }

    private static string Compact(StringValues values) => string.Join(',', values.Select(v => string.Join(' ', (v ?? string.Empty).Split(' ', StringSplitOptions.RemoveEmptyEntries))));

    private static string Encode(string text)
    {
        var encoded = new StringBuilder();
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)b;
            encoded = char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' ? encoded.Append(c) : encoded.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }

        return encoded.ToString();
    }

    private static SignatureVerdict Refuse(string message, string advice) => new(null, message, advice);
}
