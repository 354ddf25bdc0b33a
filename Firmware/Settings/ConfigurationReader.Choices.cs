// The fields of device.json that are one word out of a few.

using Firmware.Protocols.Mqtt;
using Firmware.Protocols.Outbox;

namespace Firmware.Settings
{
    public sealed partial class ConfigurationReader
    {
        private BrokerRules ReadRules()
        {
            switch (ReadText(0, 16))
            {
                case "aws":
                    return BrokerRules.AwsNow;
                case "aws-2018":
                    return BrokerRules.Aws2018;
                case "mqtt":
                    return BrokerRules.Plain311;
                default:
                    throw Wrong("must be \"aws\", \"aws-2018\" or \"mqtt\"");
            }
        }

        private SleepPolicy ReadSleepPolicy()
        {
            switch (ReadText(0, 16))
            {
                case "always-on":
                    return SleepPolicy.AlwaysOn;
                case "light":
                    return SleepPolicy.Light;
                case "deep":
                    return SleepPolicy.Deep;
                default:
                    throw Wrong("must be \"always-on\", \"light\" or \"deep\"");
            }
        }

        private OutboxPolicy ReadPolicy()
        {
            switch (ReadText(0, 16))
            {
                case "keep-all":
                    return OutboxPolicy.KeepAll;
                case "newest-only":
                    return OutboxPolicy.NewestOnly;
                case "drop-oldest":
                    return OutboxPolicy.DropOldest;
                default:
                    throw Wrong("must be \"keep-all\", \"newest-only\" or \"drop-oldest\"");
            }
        }

        // RFC 6750 section 2.1; too short a one could be tried out
        private string ReadToken()
        {
            string token = ReadText(16, Limits.HttpToken);
            for (int i = 0; i < token.Length; i++)
            {
                if (token[i] <= ' ' || token[i] > '~')
                {
                    throw Wrong("may have visible ASCII characters only, and no spaces");
                }
            }

            return token;
        }

        private bool ReadCoapWrite()
        {
            switch (ReadText(0, 16))
            {
                case "off":
                    return false;
                case "local":
                    return true;
                default:
                    throw Wrong("must be \"off\" or \"local\"");
            }
        }

        private TlsKind ReadTlsKind()
        {
            switch (ReadText(0, 16))
            {
                case "sslstream":
                    return TlsKind.SslStream;
                case "engine":
                    return TlsKind.Engine;
                default:
                    throw Wrong("must be \"sslstream\" or \"engine\"");
            }
        }

        private TlsSessionPolicy ReadTlsSession()
        {
            switch (ReadText(0, 16))
            {
                case "none":
                    return TlsSessionPolicy.None;
                case "memory":
                    return TlsSessionPolicy.Memory;
                case "storage":
                    return TlsSessionPolicy.Storage;
                default:
                    throw Wrong("must be \"none\", \"memory\" or \"storage\"");
            }
        }
    }
}
