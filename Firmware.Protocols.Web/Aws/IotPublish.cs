// Publishing over HTTPS ("HTTPS" in the AWS IoT developer guide): POST /topics/<topic, encoded>?qos=0|1[&retain=true], the payload as the body. With a client certificate
// nothing else is needed; with a signature, SigV4Signer.WriteHeaders adds it. And what each status means for the message.

using Firmware.Protocols.Http;
using Firmware.Protocols.Io;

namespace Firmware.Protocols.Aws
{
    /// <summary>What becomes of a message that was sent over HTTPS.</summary>
    public enum IotPublishOutcome : byte
    {
        /// <summary>AWS has it (200).</summary>
        Delivered = 0,

        /// <summary>Drop it: the same request will be refused again (400, 404, 405, 413 and the like).</summary>
        Drop,

        /// <summary>Keep it: this device may not publish now (401, 403): policy, certificate, or the clock behind a signature.</summary>
        Forbidden,

        /// <summary>Keep it and try again after a while, longer each time (408, 429, 5xx, or no answer).</summary>
        Retry,
    }

    /// <summary>Writes the request and judges the answer. Nothing here allocates.</summary>
    public static class IotPublish
    {
        private static readonly byte[] Post = Bytes.FromString("POST");
        private static readonly byte[] Path = Bytes.FromString("/topics/");
        private static readonly byte[] Qos = Bytes.FromString("?qos=");
        private static readonly byte[] Retain = Bytes.FromString("&retain=true");

        /// <summary>Writes the request line and Host; fields and the body come next. A topic that no path can tell ("." and "..") makes the writer overflow.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="host">The value of Host.</param>
        /// <param name="topic">The topic, all bytes.</param>
        /// <param name="qos">0 or 1.</param>
        /// <param name="retain">Whether the broker keeps the message.</param>
        public static void Begin(HttpWriter writer, byte[] host, byte[] topic, int qos, bool retain)
        {
            Begin(writer, host, topic, 0, topic.Length, qos, retain);
        }

        /// <summary>The same with a topic that stands in a buffer.</summary>
        /// <param name="writer">Where to.</param>
        /// <param name="host">The value of Host.</param>
        /// <param name="topic">The buffer of the topic.</param>
        /// <param name="offset">Its first byte.</param>
        /// <param name="length">Its length in bytes.</param>
        /// <param name="qos">0 or 1.</param>
        /// <param name="retain">Whether the broker keeps the message.</param>
        public static void Begin(HttpWriter writer, byte[] host, byte[] topic, int offset, int length, int qos, bool retain)
        {
            if (qos < 0 || qos > 1 || length == 0 || (length <= 2 && topic[offset] == '.' && topic[offset + length - 1] == '.'))
            {
                writer.Out.Fail();
                return;
            }

            writer.BeginRequest(Post);
            writer.Out.Raw(Path);
            writer.Out.Percent(topic, offset, length);
            writer.Out.Raw(Qos);
            writer.Out.Decimal(qos);
            if (retain)
            {
                writer.Out.Raw(Retain);
            }

            writer.EndRequestLine();
            writer.Field(HttpField.Host, host);
        }

        /// <summary>Judges an answer.</summary>
        /// <param name="status">Its status; 0 or less: none came.</param>
        /// <returns>What to do with the message.</returns>
        public static IotPublishOutcome Judge(int status)
        {
            if (status >= 200 && status <= 299)
            {
                return IotPublishOutcome.Delivered;
            }

            if (status == 401 || status == 403)
            {
                return IotPublishOutcome.Forbidden;
            }

            return status >= 300 && status <= 499 && status != 408 && status != 429 ? IotPublishOutcome.Drop : IotPublishOutcome.Retry;
        }
    }
}
