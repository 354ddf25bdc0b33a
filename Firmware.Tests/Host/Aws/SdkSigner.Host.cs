// Signs as the AWS SDK for .NET does, with the SDK's own code: the judge of the stand-in's verifier.

using System.Globalization;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;
using Firmware.Simulator.Aws;

namespace Firmware.Tests.Host.Aws;

/// <summary>The SDK's signers for URLs of MQTT over WebSocket and for publish requests.</summary>
internal sealed class SdkSigner : AWS4Signer
{
    internal const string Region = "eu-central-1";

    /// <summary>A target for GET: /mqtt and the signed query.</summary>
    internal static string Target(
        DevelopmentAccessKey key, string host, DateTimeOffset time, int? expires = null, string service = "iotdevicegateway", string region = Region, string path = "/mqtt")
    {
        DefaultRequest request = new(new AnyRequest(), service) { HttpMethod = "GET", Endpoint = new Uri($"https://{host}/"), ResourcePath = path, UseQueryString = true };
        string query = "";
        if (expires is { } seconds)
        {
            request.Parameters["X-Amz-Expires"] = seconds.ToString(CultureInfo.InvariantCulture);
            query = $"X-Amz-Expires={seconds}&";
        }

        AWS4SigningResult signed = AWS4PreSignedUrlSigner.SignRequest(request, new AnyConfig(), null, key.AccessKeyId, key.Secret, service, region, time.UtcDateTime);
        string token = key.SessionToken is null ? "" : "&X-Amz-Security-Token=" + Uri.EscapeDataString(key.SessionToken);
        return $"{path}?{query}{signed.ForQueryParameters}{token}";
    }

    /// <summary>The headers of a signed POST.</summary>
    internal static Dictionary<string, string> Headers(
        DevelopmentAccessKey key, string host, DateTimeOffset time, string topic, IEnumerable<KeyValuePair<string, string>> query, byte[] body, string service = "iotdata", string region = Region,
        IEnumerable<KeyValuePair<string, string>>? more = null)
    {
        SortedDictionary<string, string> headers = new(StringComparer.Ordinal)
        {
            ["host"] = host,
            ["x-amz-date"] = time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture),
        };
        foreach (KeyValuePair<string, string> field in more ?? [])
        {
            headers[field.Key] = field.Value;
        }

        if (key.SessionToken is not null)
        {
            headers["x-amz-security-token"] = key.SessionToken;
        }

        string canonical = CanonicalizeRequest(
            new Uri($"https://{host}/"), "/topics/{topic}", "POST", headers, CanonicalizeQueryParameters(query), Convert.ToHexStringLower(SHA256.HashData(body)),
            new Dictionary<string, string> { ["{topic}"] = topic }, true);
        AWS4SigningResult signed = ComputeSignature(key.AccessKeyId, key.Secret, region, time.UtcDateTime, service, string.Join(';', headers.Keys), canonical);
        return new Dictionary<string, string>(headers) { ["Authorization"] = signed.ForAuthorizationHeader };
    }

    private sealed class AnyRequest : AmazonWebServiceRequest;

    private sealed class AnyConfig : ClientConfig
    {
        internal AnyConfig()
            : base(new NoDefaults())
        {
        }

        public override string ServiceVersion => "2015-05-28";

        public override string UserAgent => "test";

        public override string RegionEndpointServiceName => "iotdata";

        public override Amazon.Runtime.Endpoints.Endpoint DetermineServiceOperationEndpoint(Amazon.Runtime.Endpoints.ServiceOperationEndpointParameters parameters) => throw new NotSupportedException();
    }

    private sealed class NoDefaults : IDefaultConfigurationProvider
    {
        public IDefaultConfiguration GetDefaultConfiguration(Amazon.RegionEndpoint clientRegion, DefaultConfigurationMode? requestedConfigurationMode = null) => throw new NotSupportedException();
    }
}
