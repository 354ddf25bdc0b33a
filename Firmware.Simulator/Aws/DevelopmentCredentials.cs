// The access keys of the stand-in, for signatures (SigV4): made on first start and kept in DIR/aws-credentials, readable by its owner only.
//
// The file has the form of the AWS command line's credentials file, so that tools and SDKs read it: AWS_SHARED_CREDENTIALS_FILE=state/aws-credentials.
// Two profiles: default is a long-term key; session is a temporary one with its session token, as a role or the credentials provider gives out.
// Secrets are never printed or logged: an event names the profile only. Leaves out: expiry of the temporary key, users, policies.

using System.Security.Cryptography;
using System.Text;

namespace Firmware.Simulator.Aws;

/// <summary>One access key.</summary>
/// <param name="Profile">Its name in the file, which events show.</param>
/// <param name="AccessKeyId">Its public half.</param>
/// <param name="Secret">Its secret half.</param>
/// <param name="SessionToken">The token that goes with a temporary key; null = a long-term key.</param>
public sealed record DevelopmentAccessKey(string Profile, string AccessKeyId, string Secret, string? SessionToken)
{
    /// <summary>The profile alone, so that no log shows a secret.</summary>
    /// <returns>The profile.</returns>
    public override string ToString() => Profile;
}

/// <summary>The access keys that the stand-in accepts.</summary>
public sealed class DevelopmentCredentials
{
    private const string FileName = "aws-credentials";
    private const string DefaultProfile = "default";
    private const string SessionProfile = "session";
    private const string KeyLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private static readonly Lock Gate = new();

    private DevelopmentCredentials(string path, DevelopmentAccessKey longTerm, DevelopmentAccessKey session)
    {
        Path = path;
        Default = longTerm;
        Session = session;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The long-term key.</summary>
    public DevelopmentAccessKey Default { get; }

    /// <summary>The temporary key, with its session token.</summary>
    public DevelopmentAccessKey Session { get; }

    /// <summary>Reads the keys; makes them if there are none.</summary>
    /// <param name="stateFolder">The state folder.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="StandInException">The file cannot be read, written or understood; the message says what to do.</exception>
    public static DevelopmentCredentials Open(string stateFolder)
    {
        string path = System.IO.Path.Combine(System.IO.Path.GetFullPath(stateFolder), FileName);
        lock (Gate)
        {
            if (!File.Exists(path))
            {
                PemFiles.WriteText(path, Make(), isKey: true);
            }

            return Read(path);
        }
    }

    internal DevelopmentAccessKey? Find(string accessKeyId) =>
        accessKeyId == Default.AccessKeyId ? Default : accessKeyId == Session.AccessKeyId ? Session : null;

    private static string Make() =>
        "# Access keys of the stand-in for AWS IoT Core on this PC: good there and nowhere else.\n"
        + Section(new DevelopmentAccessKey(DefaultProfile, "AKIA" + Letters(), Random(30), null))
        + Section(new DevelopmentAccessKey(SessionProfile, "ASIA" + Letters(), Random(30), Random(150)));

    private static string Section(DevelopmentAccessKey key) =>
        $"[{key.Profile}]\naws_access_key_id = {key.AccessKeyId}\naws_secret_access_key = {key.Secret}\n"
        + (key.SessionToken is null ? string.Empty : $"aws_session_token = {key.SessionToken}\n");

    private static string Letters() => RandomNumberGenerator.GetString(KeyLetters, 16);

    private static string Random(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));

    private static DevelopmentCredentials Read(string path)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path, Encoding.ASCII);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StandInException($"{path} cannot be read ({e.Message}); make it readable for this user", e);
        }

        return new DevelopmentCredentials(path, Key(lines, DefaultProfile, path), Key(lines, SessionProfile, path));
    }

    private static DevelopmentAccessKey Key(string[] lines, string profile, string path)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in lines.Select(l => l.Trim()).SkipWhile(l => l != $"[{profile}]").Skip(1).TakeWhile(l => !l.StartsWith('[')))
        {
            string[] parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length == 2 && !line.StartsWith('#'))
            {
                values[parts[0]] = parts[1];
            }
        }

        values.TryGetValue("aws_session_token", out string? token);
        return values.TryGetValue("aws_access_key_id", out string? id) && values.TryGetValue("aws_secret_access_key", out string? secret)
            && id.Length > 0 && secret.Length > 0 && (profile == DefaultProfile || token is { Length: > 0 })
            ? new DevelopmentAccessKey(profile, id, secret, token)
            : throw new StandInException($"{path} has no complete profile [{profile}]; put it back, or delete the file and new keys are made");
    }
}
