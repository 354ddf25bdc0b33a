// Reads device.json. Strict: an unknown field, a wrong type, a value out of range is refused at start-up with file, field and what
// would be right, since a typo in a field that is silently ignored costs an evening. Allocates: start-up only.

using System.Text;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;
using Firmware.Protocols.Mqtt;
using Firmware.Protocols.Outbox;

namespace Firmware.Settings
{
    /// <summary>Turns the configuration file into a <see cref="DeviceConfiguration"/>, or says what is wrong with it.</summary>
    public sealed class ConfigurationReader
    {
        private readonly string _fileName;
        private readonly byte[] _text;
        private readonly JsonReader _json = new JsonReader(Limits.JsonDepth);
        private readonly DeviceConfiguration _result = new DeviceConfiguration();
        private string _section = "";
        private string _field = "";
        private bool _alpnGiven;

        private ConfigurationReader(string fileName, byte[] text)
        {
            _fileName = fileName;
            _text = text;
        }

        /// <summary>Reads and checks the file.</summary>
        /// <param name="storage">Where it is.</param>
        /// <returns>A complete configuration.</returns>
        /// <exception cref="ConfigurationException">The file is missing or wrong.</exception>
        public static DeviceConfiguration Read(Storage storage)
        {
            string name = storage.FullName(DeviceConfiguration.FileName);
            if (!storage.Exists(DeviceConfiguration.FileName))
            {
                throw new ConfigurationException(name + " is missing: put a file there with at least {\"thing\": \"NAME\", \"endpoint\": \"HOST\"}");
            }

            byte[] text = storage.Read(DeviceConfiguration.FileName);
            if (text.Length > Limits.Configuration)
            {
                throw new ConfigurationException(name + " has " + text.Length + " bytes; " + Limits.Configuration + " are allowed");
            }

            return Parse(name, text);
        }

        /// <summary>Parses and checks the text of the file.</summary>
        /// <param name="fileName">Its name, for messages.</param>
        /// <param name="text">UTF-8 JSON.</param>
        /// <returns>A complete configuration.</returns>
        /// <exception cref="ConfigurationException">The text is wrong.</exception>
        public static DeviceConfiguration Parse(string fileName, byte[] text)
        {
            return new ConfigurationReader(fileName, text).Run();
        }

        private DeviceConfiguration Run()
        {
            _json.Reset(_text, 0, _text.Length);
            ReadObject();
            if (_json.Read() != JsonToken.End)
            {
                throw Syntax();
            }

            Complete();
            return _result;
        }

        private void ReadObject()
        {
            if (_json.Read() != JsonToken.BeginObject)
            {
                throw _json.Error != JsonError.None ? Syntax() : Wrong("must be an object: {...}");
            }

            while (true)
            {
                JsonToken token = _json.Read();
                if (token == JsonToken.EndObject)
                {
                    return;
                }

                if (token != JsonToken.Name)
                {
                    throw Syntax();
                }

                _field = Text();
                ReadField();
            }
        }

        private void ReadSection(string name)
        {
            _section = name + ".";
            _field = "";
            ReadObject();
            _section = "";
        }

        private void ReadField()
        {
            switch (_section + _field)
            {
                case "thing":
                    _result.ThingName = ReadText(1, Limits.ThingName);
                    CheckThingName();
                    break;
                case "endpoint":
                    _result.Endpoint = ReadText(1, 255);
                    if (_result.Endpoint.IndexOf("/") >= 0 || _result.Endpoint.IndexOf(" ") >= 0)
                    {
                        throw Wrong("must be a host name alone, such as abc123-ats.iot.eu-central-1.amazonaws.com, without https:// and path");
                    }

                    break;
                case "port":
                    _result.Port = ReadNumber(1, 65535);
                    break;
                case "alpn":
                    _result.Alpn = ReadText(0, 255);
                    _alpnGiven = true;
                    break;
                case "rules":
                    _result.Rules = ReadRules();
                    break;
                case "keepalive":
                    _result.KeepAliveSeconds = ReadNumber(30, 1200);
                    break;
                case "telemetrySeconds":
                    _result.TelemetrySeconds = ReadNumber(1, 86400);
                    break;
                case "topics":
                case "outbox":
                case "wifi":
                case "tls":
                case "pins":
                case "toaster":
                    ReadSection(_field);
                    break;
                case "topics.status":
                    _result.StatusTopic = ReadTopic();
                    break;
                case "topics.telemetry":
                    _result.TelemetryTopic = ReadTopic();
                    break;
                case "topics.commands":
                    _result.CommandsTopic = ReadTopic();
                    break;
                case "topics.events":
                    _result.EventsTopic = ReadTopic();
                    break;
                case "outbox.telemetry":
                    _result.TelemetryPolicy = ReadPolicy();
                    break;
                case "outbox.events":
                    _result.EventsPolicy = ReadPolicy();
                    break;
                case "wifi.ssid":
                    _result.WifiSsid = ReadText(1, 32);
                    break;
                case "wifi.password":
                    _result.WifiPassword = ReadText(0, 63);
                    break;
                case "tls.ca":
                    _result.CaFile = ReadText(1, 64);
                    break;
                case "tls.certificate":
                    _result.CertificateFile = ReadText(1, 64);
                    break;
                case "tls.key":
                    _result.KeyFile = ReadText(1, 64);
                    break;
                case "tls.stored":
                    _result.UseStoredCertificate = ReadFlag();
                    break;
                case "pins.led":
                    _result.LedPin = ReadPin();
                    break;
                case "pins.light":
                    _result.LightPin = ReadPin();
                    break;
                case "pins.toaster":
                    _result.ToasterPin = ReadPin();
                    break;
                case "pins.button":
                    _result.ButtonPin = ReadPin();
                    break;
                case "pins.sda":
                    _result.SdaPin = ReadPin();
                    break;
                case "pins.scl":
                    _result.SclPin = ReadPin();
                    break;
                case "pins.battery":
                    _result.BatteryPin = ReadNumber(32, 39);
                    break;
                case "toaster.maxSeconds":
                    _result.ToasterMaxSeconds = ReadNumber(1, 300);
                    break;
                case "toaster.restSeconds":
                    _result.ToasterRestSeconds = ReadNumber(0, 3600);
                    break;
                case "toaster.offWhenOffline":
                    _result.ToasterOffWhenOffline = ReadFlag();
                    break;
                default:
                    throw Wrong("is not known here; known are " + KnownFields());
            }
        }

        private string KnownFields()
        {
            switch (_section)
            {
                case "topics.":
                    return "status, telemetry, commands, events";
                case "outbox.":
                    return "telemetry, events";
                case "wifi.":
                    return "ssid, password";
                case "tls.":
                    return "ca, certificate, key, stored";
                case "pins.":
                    return "led, light, toaster, button, sda, scl, battery";
                case "toaster.":
                    return "maxSeconds, restSeconds, offWhenOffline";
                default:
                    return "thing, endpoint, port, alpn, rules, keepalive, telemetrySeconds, topics, outbox, wifi, tls, pins, toaster";
            }
        }

        private void Complete()
        {
            _section = "";
            _field = "thing";
            if (_result.ThingName == null)
            {
                throw Wrong("is missing: the name of the thing in AWS IoT Core");
            }

            _field = "endpoint";
            if (_result.Endpoint == null)
            {
                throw Wrong("is missing: the host name that \"aws iot describe-endpoint --endpoint-type iot:Data-ATS\" prints");
            }

            if (!_alpnGiven)
            {
                _result.Alpn = _result.Port == 443 ? DeviceConfiguration.MqttAlpn : null;
            }
            else if (_result.Alpn.Length == 0)
            {
                _result.Alpn = null;
            }

            _result.StatusTopic = _result.StatusTopic ?? _result.ThingName + "/status";
            _result.TelemetryTopic = _result.TelemetryTopic ?? _result.ThingName + "/telemetry";
            _result.CommandsTopic = _result.CommandsTopic ?? _result.ThingName + "/commands";
            _result.EventsTopic = _result.EventsTopic ?? _result.ThingName + "/events";
            CheckPins();
        }

        // AWS IoT Core: letters, digits, colon, underscore, hyphen
        private void CheckThingName()
        {
            for (int i = 0; i < _result.ThingName.Length; i++)
            {
                char c = _result.ThingName[i];
                bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-';
                if (!allowed)
                {
                    throw Wrong("may hold letters, digits, ':', '_' and '-' only");
                }
            }
        }

        private void CheckPins()
        {
            string[] names = { "led", "light", "toaster", "button", "sda", "scl", "battery" };
            int[] pins = { _result.LedPin, _result.LightPin, _result.ToasterPin, _result.ButtonPin, _result.SdaPin, _result.SclPin, _result.BatteryPin };
            for (int i = 0; i < pins.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    if (pins[i] == pins[j])
                    {
                        _field = "pins." + names[i];
                        throw Wrong("is GPIO " + pins[i] + ", which pins." + names[j] + " has already");
                    }
                }
            }
        }

        // 34 to 39 are inputs without pull-up, 6 to 11 belong to the flash chip, 20, 24 and 28 to 31 are not there (ESP32 datasheet, pin definitions)
        private int ReadPin()
        {
            int pin = ReadNumber(0, 33);
            if (pin >= 6 && pin <= 11)
            {
                throw Wrong("is GPIO " + pin + ", which the flash chip needs; use another one of 0 to 33");
            }

            if (pin == 20 || pin == 24 || (pin >= 28 && pin <= 31))
            {
                throw Wrong("is GPIO " + pin + ", which an ESP32 does not have; use another one of 0 to 33");
            }

            return pin;
        }

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

        private string ReadTopic()
        {
            // room for the suffixes of the answers and of the actuators
            string topic = ReadText(1, Limits.Topic - 32);
            byte[] bytes = Bytes.FromString(topic);
            if (!MqttTopic.IsName(bytes, 0, bytes.Length))
            {
                throw Wrong("must be a topic name without +, # and control characters");
            }

            return topic;
        }

        private string ReadText(int min, int max)
        {
            if (ReadValue() != JsonToken.String)
            {
                throw Wrong("must be a string: \"...\"");
            }

            string text = Text();
            int length = Bytes.FromString(text).Length;
            if (length < min || length > max)
            {
                throw Wrong("has " + length + " bytes; " + min + " to " + max + " are allowed");
            }

            return text;
        }

        private int ReadNumber(int min, int max)
        {
            if (ReadValue() != JsonToken.Number || !_json.TryGetInt32(out int value) || value < min || value > max)
            {
                throw Wrong("must be a whole number from " + min + " to " + max);
            }

            return value;
        }

        private bool ReadFlag()
        {
            JsonToken token = ReadValue();
            if (token != JsonToken.True && token != JsonToken.False)
            {
                throw Wrong("must be true or false");
            }

            return token == JsonToken.True;
        }

        private JsonToken ReadValue()
        {
            JsonToken token = _json.Read();
            if (token == JsonToken.Error)
            {
                throw Syntax();
            }

            return token;
        }

        private string Text()
        {
            byte[] copy = new byte[_json.TokenLength];
            int length = _json.CopyString(copy, 0, copy.Length);
            return Encoding.UTF8.GetString(copy, 0, length);
        }

        private ConfigurationException Syntax()
        {
            return new ConfigurationException(_fileName + " is not JSON at line " + _json.Line + ", column " + _json.Column);
        }

        private ConfigurationException Wrong(string what)
        {
            return new ConfigurationException(_fileName + ": " + _section + _field + " " + what);
        }
    }
}
