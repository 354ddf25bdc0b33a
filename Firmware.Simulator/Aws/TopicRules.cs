// AWS IoT Core's rules on topics and topic filters: length, slashes, wildcards, reserved names, and how a filter matches.
// MQTT 3.1.1 4.7, AWS IoT Core Developer Guide "MQTT topics". Pure functions.

using System.Text;

namespace Firmware.Simulator.Aws;

/// <summary>A rule that was broken.</summary>
/// <param name="Rule">The rule and its source.</param>
/// <param name="Found">What was found.</param>
/// <param name="Advice">What to do instead.</param>
internal sealed record Violation(string Rule, string Found, string Advice);

/// <summary>Judges topics and topic filters.</summary>
internal static class TopicRules
{
    // The reserved names that AWS documents for devices; everything else that begins with $ is not for them.
    private static readonly string[] ReservedPrefixes =
    [
        "$aws/things/", AwsLimits.BasicIngestPrefix, "$aws/events/", "$aws/certificates/", "$aws/provisioning-templates/", "$aws/commands/", "$aws/device_location/",
    ];

    /// <summary>Judges the topic of a PUBLISH or a will. Returns null if it is good.</summary>
    internal static Violation? JudgeTopic(string topic)
    {
        if (topic.Length == 0)
        {
            return new Violation("a topic has at least one character [MQTT-4.7.3-1]", "an empty topic", "Name a topic.");
        }

        if (topic.AsSpan().ContainsAny('+', '#'))
        {
            return new Violation("a topic to publish on holds no wildcards [MQTT-3.3.2-2]", Quote(topic), "Publish on a plain topic.");
        }

        return JudgeSize(topic, "topic") ?? JudgeReserved(topic);
    }

    /// <summary>Judges a topic filter of a SUBSCRIBE. Returns null if it is good.</summary>
    internal static Violation? JudgeFilter(string filter)
    {
        if (filter.Length == 0)
        {
            return new Violation("a topic filter has at least one character [MQTT-4.7.3-1]", "an empty topic filter", "Name a topic filter.");
        }

        string[] levels = filter.Split('/');
        for (int i = 0; i < levels.Length; i++)
        {
            string level = levels[i];
            bool hashInside = level.Contains('#') && (level.Length > 1 || i < levels.Length - 1);
            if (hashInside || (level.Contains('+') && level.Length > 1))
            {
                return new Violation(
                    "a wildcard stands alone in its level and # is the last [MQTT-4.7.1-2] [MQTT-4.7.1-3]", Quote(filter), "Write it like a/+/b or a/#.");
            }
        }

        if (filter.StartsWith("$share/", StringComparison.Ordinal))
        {
            return new Violation("shared subscriptions are not in the stand-in", Quote(filter), "Subscribe without $share/, or use the real AWS IoT Core.");
        }

        return JudgeSize(filter, "topic filter") ?? JudgeReserved(filter);
    }

    /// <summary>Whether a filter matches a topic at AWS, where unlike MQTT 3.1.1 4.7.1.2 <c>sensor/#</c> does not match <c>sensor</c>.</summary>
    internal static bool Matches(string filter, string topic)
    {
        string[] filterLevels = filter.Split('/');
        string[] topicLevels = topic.Split('/');
        bool hidden = topic.StartsWith('$') && (filterLevels[0] is "#" or "+"); // [MQTT-4.7.2-1]
        return !hidden && MatchLevels(filterLevels, topicLevels);
    }

    /// <summary>Whether AWS keeps this topic for itself.</summary>
    internal static bool IsReserved(string topic) => topic.StartsWith('$');

    private static bool MatchLevels(string[] filter, string[] topic)
    {
        for (int i = 0; i < filter.Length; i++)
        {
            if (i >= topic.Length)
            {
                return false;
            }

            if (filter[i] == "#")
            {
                return true;
            }

            if (filter[i] != "+" && filter[i] != topic[i])
            {
                return false;
            }
        }

        return filter.Length == topic.Length;
    }

    private static Violation? JudgeSize(string text, string what)
    {
        string counted = WithoutBasicIngest(text);
        int bytes = Encoding.UTF8.GetByteCount(counted);
        if (bytes > AwsLimits.TopicBytes)
        {
            return new Violation(
                $"a {what} has at most {AwsLimits.TopicBytes} bytes of UTF-8 [AWS quotas]", $"{bytes} bytes", "Shorten it.");
        }

        int slashes = counted.Count(c => c == '/');
        return slashes <= AwsLimits.TopicSlashes
            ? null
            : new Violation($"a {what} has at most {AwsLimits.TopicSlashes} slashes [AWS quotas]", $"{slashes} slashes in {Quote(text)}", "Use fewer levels.");
    }

    private static Violation? JudgeReserved(string text)
    {
        if (!text.StartsWith('$') || ReservedPrefixes.Any(prefix => text.Length > prefix.Length && text.StartsWith(prefix, StringComparison.Ordinal)))
        {
            return null;
        }

        return new Violation(
            "topics that begin with $ are reserved for AWS [AWS reserved topics]", Quote(text), "Use a topic without $, or one of " + string.Join(" ", ReservedPrefixes) + ".");
    }

    private static string WithoutBasicIngest(string text)
    {
        if (!text.StartsWith(AwsLimits.BasicIngestPrefix, StringComparison.Ordinal))
        {
            return text;
        }

        int endOfRule = text.IndexOf('/', AwsLimits.BasicIngestPrefix.Length);
        return endOfRule < 0 ? text : text[(endOfRule + 1)..];
    }

    private static string Quote(string text) => "'" + (text.Length <= 80 ? text : text[..77] + "...") + "'";
}
