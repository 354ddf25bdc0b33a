// The fields of device.json, section by section, and what each may hold.

using Firmware.Drivers;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;

namespace Firmware.Settings
{
    public sealed partial class ConfigurationReader
    {
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
                case "parts":
                case "toaster":
                case "coap":
                case "http":
                case "https":
                case "websocket":
                case "sleep":
                case "fleet":
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
                case "tls.transport":
                    _result.TlsKind = ReadTlsKind();
                    break;
                case "tls.session":
                    _result.TlsSession = ReadTlsSession();
                    break;
                case "tls.stored":
                    _result.UseStoredCertificate = ReadFlag();
                    break;
                case "pins.led":
                    _result.LedPin = ReadPin(0);
                    break;
                case "pins.light":
                    _result.LightPin = ReadPin(0);
                    break;
                case "pins.toaster":
                    _result.ToasterPin = ReadPin(0);
                    break;
                case "pins.button":
                    _result.ButtonPin = ReadPin(0);
                    break;
                case "pins.sda":
                    _result.SdaPin = ReadPin(0);
                    break;
                case "pins.scl":
                    _result.SclPin = ReadPin(0);
                    break;
                case "pins.battery":
                    _result.BatteryPin = ReadNumber(32, 39);
                    break;
                case "pins.statusLed":
                    _result.StatusLedPin = ReadPin(DeviceConfiguration.NoPin);
                    break;
                case "parts.bmp280":
                    _result.HasBmp280 = ReadFlag();
                    break;
                case "parts.seaLevelPa":
                    _result.SeaLevelPa = ReadNumber(Bmp280.MinSeaLevelPa, Bmp280.MaxSeaLevelPa);
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
                case "coap.enabled":
                    _result.CoapEnabled = ReadFlag();
                    break;
                case "coap.port":
                    _result.CoapPort = ReadNumber(1, 65535);
                    break;
                case "coap.write":
                    _result.CoapWriteLocal = ReadCoapWrite();
                    break;
                case "coap.prove":
                    _result.CoapProvesChanges = ReadFlag();
                    break;
                case "coap.multicast":
                    _result.CoapMulticast = ReadFlag();
                    break;
                case "coap.directory":
                    _result.CoapDirectory = ReadEndpoint(DeviceConfiguration.CoapDefaultPort);
                    break;
                case "coap.lifetime":
                    _result.CoapLifetimeSeconds = ReadNumber(60, 86400);
                    break;
                case "websocket.region":
                    _result.WebSocketRegion = ReadText(1, 32);
                    break;
                case "websocket.credentials":
                    _result.WebSocketCredentialsFile = ReadText(1, 64);
                    break;
                case "https.publish":
                    _result.HttpsPublish = ReadFlag();
                    break;
                case "http.enabled":
                    _result.HttpEnabled = ReadFlag();
                    break;
                case "http.port":
                    _result.HttpPort = ReadNumber(1, 65535);
                    break;
                case "http.token":
                    _result.HttpToken = ReadToken();
                    break;
                case "sleep.policy":
                    _result.SleepPolicy = ReadSleepPolicy();
                    break;
                case "sleep.senseSeconds":
                    _result.SleepSenseSeconds = ReadNumber(10, 86400);
                    break;
                case "sleep.connectSeconds":
                    _result.SleepConnectSeconds = ReadNumber(10, 604800);
                    break;
                case "sleep.listenSeconds":
                    _result.SleepListenSeconds = ReadNumber(0, 60);
                    break;
                case "sleep.budgetSeconds":
                    _result.SleepBudgetSeconds = ReadNumber(10, 300);
                    break;
                case "sleep.alarmBelow":
                    _result.SleepAlarmBelow = ReadNumber(-100, 200);
                    break;
                case "sleep.alarmAbove":
                    _result.SleepAlarmAbove = ReadNumber(-100, 200);
                    break;
                case "sleep.lowBattery":
                    _result.SleepLowBatteryMilliVolts = ReadNumber(0, 6000);
                    break;
                case "fleet.topic":
                    _result.FleetTopic = ReadTopic();
                    break;
                case "fleet.name":
                    _result.FleetName = ReadText(1, Limits.FleetName);
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
                    return "ca, certificate, key, stored, transport, session";
                case "pins.":
                    return "led, light, toaster, button, sda, scl, battery, statusLed";
                case "parts.":
                    return "bmp280, seaLevelPa";
                case "toaster.":
                    return "maxSeconds, restSeconds, offWhenOffline";
                case "coap.":
                    return "enabled, port, write, prove, multicast, directory, lifetime";
                case "websocket.":
                    return "region, credentials";
                case "https.":
                    return "publish";
                case "http.":
                    return "enabled, port, token";
                case "sleep.":
                    return "policy, senseSeconds, connectSeconds, listenSeconds, budgetSeconds, alarmBelow, alarmAbove, lowBattery";
                case "fleet.":
                    return "topic, name";
                default:
                    return "thing, endpoint, port, alpn, rules, keepalive, telemetrySeconds, topics, outbox, wifi, tls, pins, parts, toaster, coap, http, https, websocket, sleep, fleet";
            }
        }

        // 34 to 39 are inputs without pull-up, 6 to 11 belong to the flash chip, 20, 24 and 28 to 31 are not there (ESP32 datasheet, pin definitions)
        private int ReadPin(int min)
        {
            int pin = ReadNumber(min, 33);
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

        private void CheckTls()
        {
            _section = "tls.";
            _field = "stored";
            if (_result.TlsKind == TlsKind.Engine && _result.UseStoredCertificate)
            {
                throw Wrong("cannot be true with \"transport\": \"engine\": the engine takes certificate and key from files");
            }
        }

        // in the form of the commands, COMMAND:WHAT:NAME, a name is what follows the second colon
        private void CheckFleet()
        {
            if (_result.FleetTopic == null && _result.FleetName == null)
            {
                return;
            }

            _section = "fleet.";
            _field = "name";
            if (_result.FleetName == null)
            {
                throw Wrong("is missing: what commands on fleet.topic call the Thing, such as \"[Drone #1]\"");
            }

            for (int i = 0; i < _result.FleetName.Length; i++)
            {
                if (_result.FleetName[i] < ' ' || _result.FleetName[i] == 0x7F || _result.FleetName[i] == ':')
                {
                    throw Wrong("may hold neither ':' nor control characters");
                }
            }

            _field = "topic";
            if (_result.FleetTopic == null)
            {
                throw Wrong("is missing: the topic that the fleet shares, such as drones/altitude");
            }

            if (_result.FleetTopic == _result.StatusTopic || _result.FleetTopic == _result.TelemetryTopic || _result.FleetTopic == _result.EventsTopic
                || (_result.FleetTopic + "/").IndexOf(_result.CommandsTopic + "/") == 0)
            {
                throw Wrong("is a topic of the Thing's own: choose another one for the fleet");
            }

            if (!_result.HasBmp280)
            {
                throw Wrong("needs an altimeter: set parts.bmp280 to true");
            }
        }

        // the cycle counts readings, and every reading costs a write to flash
        private void CheckSleep()
        {
            if (_result.SleepPolicy == SleepPolicy.AlwaysOn)
            {
                return;
            }

            _section = "sleep.";
            _field = "connectSeconds";
            if (_result.SleepConnectSeconds % _result.SleepSenseSeconds != 0)
            {
                throw Wrong("must be a multiple of senseSeconds, which is " + _result.SleepSenseSeconds);
            }

            _field = "senseSeconds";
            int writes = _result.SleepWritesPerDay;
            if (writes > Limits.SleepWritesPerDay)
            {
                throw Wrong("and connectSeconds make " + writes + " writes to flash a day; " + Limits.SleepWritesPerDay + " are allowed, for the life of the flash (Limits.SleepWritesPerDay)");
            }

            _field = "alarmBelow";
            if (_result.SleepAlarmBelow >= _result.SleepAlarmAbove)
            {
                throw Wrong("must be less than alarmAbove, which is " + _result.SleepAlarmAbove);
            }

            // EXT0 needs a pin of the RTC (ESP32 datasheet, RTC_MUX)
            int pin = _result.ButtonPin;
            bool wakes = pin == 0 || pin == 2 || pin == 4 || (pin >= 12 && pin <= 15) || (pin >= 25 && pin <= 27) || (pin >= 32 && pin <= 39);
            _section = "pins.";
            _field = "button";
            if (!wakes)
            {
                throw Wrong("is GPIO " + pin + ", which cannot wake the chip from sleep; use 0, 2, 4, 12 to 15, 25 to 27, 32 or 33");
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

        // an IPv4 address of one host, with or without a port; no names: CoAP needs no DNS
        private DatagramAddress ReadEndpoint(int defaultPort)
        {
            string[] parts = ReadText(0, 21).Split(':');
            string[] numbers = parts[0].Split('.');
            int port = parts.Length == 1 ? defaultPort : ToNumber(parts[1], 65535);
            int[] address = new int[4];
            bool right = numbers.Length == 4 && parts.Length <= 2 && port > 0;
            for (int i = 0; right && i < 4; i++)
            {
                address[i] = ToNumber(numbers[i], 255);
                right = address[i] >= 0;
            }

            // 0 is "this network", 224 and above are groups and broadcast (RFC 6890)
            if (!right || address[0] == 0 || address[0] >= 224)
            {
                throw Wrong("must be the IPv4 address of a host, such as \"192.168.1.5\" or \"192.168.1.5:5683\"");
            }

            DatagramAddress endpoint = new DatagramAddress();
            endpoint.SetIPv4(address[0], address[1], address[2], address[3], port);
            return endpoint;
        }

        // a whole number without leading zeros, or -1
        private static int ToNumber(string text, int max)
        {
            int value = 0;
            for (int i = 0; i < text.Length; i++)
            {
                int digit = text[i] - '0';
                if (digit < 0 || digit > 9 || (i > 0 && value == 0))
                {
                    return -1;
                }

                value = (value * 10) + digit;
                if (value > max)
                {
                    return -1;
                }
            }

            return text.Length == 0 ? -1 : value;
        }
    }
}
