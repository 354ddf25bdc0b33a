// Reads device.json. Strict: an unknown field, a wrong type, a value out of range is refused at start-up with file, field and what
// would be right, since a typo in a field that is silently ignored costs an evening. Allocates: start-up only.
// Which fields there are, and what each may hold, is in ConfigurationReader.Sections.cs.

using System.Text;
using Firmware.Protocols.Coap;
using Firmware.Protocols.Io;
using Firmware.Protocols.Json;

namespace Firmware.Settings
{
    /// <summary>Turns the configuration file into a <see cref="DeviceConfiguration"/>, or says what is wrong with it.</summary>
    public sealed partial class ConfigurationReader
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

                _field = "a name"; // for errors in the name itself
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

            _field = "coap.directory";
            if (_result.CoapDirectory != null && _result.ThingName.Length > CoapDirectoryClient.LongestName)
            {
                throw Wrong("registers the thing by its name, which has " + _result.ThingName.Length + " bytes; " + CoapDirectoryClient.LongestName + " are allowed there");
            }

            if (_result.WebSocketRegion != null && _result.Port == 8883)
            {
                // the door of WebSockets is 443; nobody wants them at the one for certificates
                _result.Port = 443;
            }

            _field = "https.publish";
            if (_result.HttpsPublish && _result.WebSocketRegion != null)
            {
                throw Wrong("and \"websocket\" are two doors: choose one");
            }

            if (_result.HttpsPublish)
            {
                // nothing comes this way, so nothing is awaited
                _result.SleepListenSeconds = 0;
                _result.Port = _result.Port == 8883 ? 8443 : _result.Port;
            }

            if (!_alpnGiven)
            {
                _result.Alpn = _result.Port == 443 && _result.WebSocketRegion == null ? _result.HttpsPublish ? DeviceConfiguration.HttpsAlpn : DeviceConfiguration.MqttAlpn : null;
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
            CheckTls();
            CheckFleet();
            CheckSleep();
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
            string[] names = { "led", "light", "toaster", "button", "sda", "scl", "battery", "statusLed" };
            int[] pins = { _result.LedPin, _result.LightPin, _result.ToasterPin, _result.ButtonPin, _result.SdaPin, _result.SclPin, _result.BatteryPin, _result.StatusLedPin };
            for (int i = 0; i < pins.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    if (pins[i] == pins[j] && pins[i] != DeviceConfiguration.NoPin)
                    {
                        _field = "pins." + names[i];
                        throw Wrong("is GPIO " + pins[i] + ", which pins." + names[j] + " has already");
                    }
                }
            }
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
            for (int i = 0; i < length; i++)
            {
                if (copy[i] == 0)
                {
                    // nanoFramework's strings end at the first NUL: what follows would be lost without a word
                    throw Wrong("must not hold \\u0000");
                }
            }

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
