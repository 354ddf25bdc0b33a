// The stand-in's verifier against the AWS SDK for .NET: it takes what the SDK signs over random inputs, and nothing in which one letter was changed.

using System.Globalization;
using System.Text;
using Firmware.Simulator.Aws;
using Microsoft.AspNetCore.Http;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

[TestClass]
public static class SigV4VerifierTest
{
    private const int Keys = 12;
    private const int RequestsPerKey = 25;
    private const string KeyLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    private const string TopicLetters = "abzAZ019-._~/ $&+,:;=?@#!*'()[]{}|\\^`\"<>%\u00e4\u4e2d\ud83d\ude00";

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public static void Urls_that_the_sdk_signs_are_good_and_with_one_letter_changed_they_are_not(int seed) => OverRandomKeys(seed, (random, key, time, verifier) =>
    {
        string host = Host(random);
        int? expires = random.Next(2) == 0 ? null : random.Next(1, 604800);
        string region = Text(random, "abcdefgh-0123", random.Next(1, 20));
        string target = SdkSigner.Target(key, host, time.GetUtcNow(), expires, random.Next(2) == 0 ? "iotdevicegateway" : "iotdata", region);
        var headers = new HeaderDictionary { ["Host"] = host, ["Upgrade"] = "websocket" };
        SignatureVerdict verdict = verifier.VerifyUrl("GET", target, headers);
        Assert.AreEqual("", verdict.Message, $"seed {seed}: {target}");
        Assert.AreEqual(key.AccessKeyId, verdict.Key!.AccessKeyId);
        string changed = Changed(random, target, target.IndexOf('?', StringComparison.Ordinal) + 1);
        Assert.IsNull(verifier.VerifyUrl("GET", changed, headers).Key, $"seed {seed}: {changed}");
        Assert.IsNull(verifier.VerifyUrl("GET", target, new HeaderDictionary { ["Host"] = Changed(random, host, 0) }).Key);
        Assert.IsNull(verifier.VerifyUrl("POST", target, headers).Key);
        Assert.IsNull(verifier.VerifyUrl("GET", target.Replace("/mqtt", "/mqt", StringComparison.Ordinal), headers).Key);
    });

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public static void Publishes_that_the_sdk_signs_are_good_and_with_anything_changed_they_are_not(int seed) => OverRandomKeys(seed, (random, key, time, verifier) =>
    {
        string host = Host(random);
        string topic = "t" + Text(random, TopicLetters, random.Next(40));
        byte[] body = new byte[random.Next(300)];
        random.NextBytes(body);
        KeyValuePair<string, string>[] query = random.Next(2) == 0 ? [new("qos", "1")] : [new("retain", "true"), new("qos", "0")];
        KeyValuePair<string, string>[] more = random.Next(2) == 0 ? [] : [new("content-type", "application/json;  charset=utf-8")];
        Dictionary<string, string> signed = SdkSigner.Headers(key, host, time.GetUtcNow(), topic, query, body, more: more);
        var headers = new HeaderDictionary();
        foreach ((string name, string value) in signed)
        {
            headers[name] = value;
        }

        string target = $"/topics/{Uri.EscapeDataString(topic)}?{string.Join('&', query.Select(q => q.Key + "=" + q.Value))}";
        SignatureVerdict verdict = verifier.VerifyHeaders("POST", target, headers, body);
        Assert.AreEqual("", verdict.Message, $"seed {seed}: {target}");
        Assert.AreEqual(key.AccessKeyId, verdict.Key!.AccessKeyId);
        string changedTarget = Changed(random, target, 0);
        Assert.IsNull(verifier.VerifyHeaders("POST", changedTarget, headers, body).Key, $"seed {seed}: {changedTarget}");
        Assert.IsNull(verifier.VerifyHeaders("PUT", target, headers, body).Key);
        Assert.IsNull(verifier.VerifyHeaders("POST", target, headers, [.. body, 0]).Key);
        string name2 = signed.Keys.ElementAt(random.Next(signed.Count));
        var changed = new HeaderDictionary();
        foreach ((string name, string value) in signed)
        {
            changed[name] = name == name2 ? Changed(random, value, 0) : value;
        }

        bool onlyBlanks = Same(headers[name2].ToString(), changed[name2].ToString());
        Assert.IsTrue(onlyBlanks || verifier.VerifyHeaders("POST", target, changed, body).Key is null, $"seed {seed}: {name2}: {changed[name2]}");
        headers["x-amz-meta"] = "not signed";
        Assert.IsNull(verifier.VerifyHeaders("POST", target, headers, body).Key);
    });

    [TestMethod]
    [DataRow("123", "456", "20160101T000000Z", "iot.us-east-1.amazonaws.com", "iotdata", "", "b50019dd3ec2d316a6a7938f363f6c792b5f58c04e1e6535d6ae277bf8cf3304")]
    [DataRow("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20130524T000000Z", "example.iot.us-east-1.amazonaws.com", "iotdevicegateway", "&X-Amz-Expires=86400",
        "3ec863617e7e6afa53fc5669c7db4983300818ddc18e72db53c6408d00f60d94")]
    public static void Published_vectors_are_good(string id, string secret, string date, string host, string service, string expires, string signature)
    {
        string target = $"/mqtt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={id}%2F{date[..8]}%2Fus-east-1%2F{service}%2Faws4_request&X-Amz-Date={date}{expires}&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}";
        var time = new ManualTime();
        time.Advance(DateTimeOffset.ParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - time.GetUtcNow());
        var verifier = new SigV4Verifier(Open(new DevelopmentAccessKey("default", id, secret, null)), time);
        Assert.AreEqual("", verifier.VerifyUrl("GET", target, new HeaderDictionary { ["Host"] = host }).Message);
    }

    [TestMethod]
    [DataRow(-301, "", "Signature expired")]
    [DataRow(-300, "", "")]
    [DataRow(300, "", "")]
    [DataRow(301, "", "Signature not yet current")]
    [DataRow(-60, "60", "")]
    [DataRow(-61, "60", "Signature expired")]
    [DataRow(-300, "86400", "")]
    [DataRow(-301, "86400", "Signature expired")]
    [DataRow(301, "3600", "Signature not yet current")]
    [DataRow(0, "604801", "X-Amz-Expires must be")]
    [DataRow(0, "0", "X-Amz-Expires must be")]
    [DataRow(0, "-1", "X-Amz-Expires must be")]
    public static void Time_of_a_url_is_good_for_five_minutes_or_less_if_it_says_so(int offset, string expires, string message)
    {
        var time = new ManualTime();
        DevelopmentAccessKey key = new("default", "id", "secret", null);
        var verifier = new SigV4Verifier(Open(key), time);
        string target = SdkSigner.Target(key, "localhost", time.GetUtcNow().AddSeconds(offset), expires.Length == 0 ? null : int.Parse(expires, CultureInfo.InvariantCulture));
        string said = verifier.VerifyUrl("GET", target, new HeaderDictionary { ["Host"] = "localhost" }).Message;
        Assert.IsTrue(message.Length == 0 ? said.Length == 0 : said.StartsWith(message, StringComparison.Ordinal), said);
    }

    [TestMethod]
    public static void Keys_are_made_once_for_their_owner_only_and_never_shown()
    {
        string state = StandInBench.TemporaryFolder();
        DevelopmentCredentials first = DevelopmentCredentials.Open(state);
        DevelopmentCredentials second = DevelopmentCredentials.Open(state);
        Assert.IsTrue(first.Default == second.Default && first.Session == second.Session);
        Assert.IsTrue(first.Default.SessionToken is null && first.Session.SessionToken is { Length: > 100 });
        Assert.AreNotEqual(first.Default.Secret, first.Session.Secret);
        Assert.AreEqual("default session", $"{first.Default} {first.Session}");
        if (!OperatingSystem.IsWindows())
        {
            Assert.IsTrue(File.GetUnixFileMode(first.Path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }

        File.WriteAllText(first.Path, "[default]\naws_access_key_id = a\n");
        try
        {
            DevelopmentCredentials.Open(state);
        }
        catch (StandInException e)
        {
            Assert.Contains(first.Path, e.Message);
            Assert.Contains("[default]", e.Message);
            return;
        }

        throw new TestFrameworkShared.AssertFailedException("an exception was expected");
    }

    private static void OverRandomKeys(int seed, Action<Random, DevelopmentAccessKey, ManualTime, SigV4Verifier> check)
    {
        Random random = new(seed);
        for (int k = 0; k < Keys; k++)
        {
            string? token = k % 3 == 0 ? Text(random, KeyLetters, random.Next(1, 900)) : null;
            DevelopmentAccessKey key = new(token is null ? "default" : "session", "AKIA" + Text(random, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16), Text(random, KeyLetters, random.Next(1, 100)), token);
            DevelopmentCredentials credentials = Open(key);
            for (int i = 0; i < RequestsPerKey; i++)
            {
                var time = new ManualTime();
                time.Advance(TimeSpan.FromSeconds(random.NextInt64(4_000_000_000)));
                check(random, key, time, new SigV4Verifier(credentials, time));
            }
        }
    }

    private static DevelopmentCredentials Open(DevelopmentAccessKey key)
    {
        string state = StandInBench.TemporaryFolder();
        var lines = new StringBuilder();
        foreach (DevelopmentAccessKey each in (DevelopmentAccessKey[])[key, key.SessionToken is null ? new("session", "other", "other", "other") : new("default", "other", "other", null)])
        {
            lines.Append(CultureInfo.InvariantCulture, $"[{each.Profile}]\naws_access_key_id={each.AccessKeyId}\naws_secret_access_key={each.Secret}\n");
            lines.Append(each.SessionToken is null ? "" : $"aws_session_token={each.SessionToken}\n");
        }

        File.WriteAllText(Path.Combine(state, "aws-credentials"), lines.ToString());
        return DevelopmentCredentials.Open(state);
    }

    private static string Host(Random random) => Text(random, "abcdefgh0123", 14) + "-ats.iot.eu-central-1.amazonaws.com" + (random.Next(2) == 0 ? ":4443" : "");

    // another letter at one place; not the same one in another case, since hexadecimal digits have two
    private static string Changed(Random random, string text, int from)
    {
        int at = random.Next(from, text.Length);
        char other;
        do
        {
            other = "abcdefgxyz0123456789"[random.Next(20)];
        }
        while (other == char.ToLowerInvariant(text[at]));
        return text[..at] + other + text[(at + 1)..];
    }

    private static bool Same(string one, string other) => Squeeze(one) == Squeeze(other);

    private static string Squeeze(string text) => string.Concat(text.Where(c => c is not ' '));

    private static string Text(Random random, string letters, int length)
    {
        Rune[] runes = [.. letters.EnumerateRunes()];
        return string.Concat(Enumerable.Range(0, length).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }
}
