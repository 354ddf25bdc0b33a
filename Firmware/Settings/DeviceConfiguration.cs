// What a user sets in I:\device.json. Every field has a default but thing and endpoint. docs/configuration.md describes the file.

using Firmware.Drivers;
using Firmware.Protocols.Io;
using Firmware.Protocols.Mqtt;
using Firmware.Protocols.Outbox;

namespace Firmware.Settings
{
    /// <summary>The configuration of one Thing, checked by <see cref="ConfigurationReader"/>; not changed after start-up.</summary>
    public sealed class DeviceConfiguration
    {
        /// <summary>Name of the file below the storage's root.</summary>
        public const string FileName = "device.json";

        /// <summary>ALPN protocol of MQTT with a client certificate on AWS IoT Core's port 443.</summary>
        public const string MqttAlpn = "x-amzn-mqtt-ca";

        private const int SecondsPerDay = 86400;

        /// <summary>UDP port of CoAP, RFC 7252 section 6.1.</summary>
        public const int CoapDefaultPort = 5683;

        /// <summary>The pin of a part that the board does not have.</summary>
        public const int NoPin = -1;

        /// <summary>Thing name and MQTT client identifier.</summary>
        public string ThingName;

        /// <summary>Host name of the broker: the AWS IoT Core endpoint.</summary>
        public string Endpoint;

        /// <summary>TCP port: 8883, or 443 with ALPN.</summary>
        public int Port = 8883;

        /// <summary>The ALPN protocol to demand; null for none. Port 443 has <see cref="MqttAlpn"/> unless the file says otherwise.</summary>
        public string Alpn;

        /// <summary>The rules of the broker, which calls are checked against before they can cost the connection.</summary>
        public BrokerRules Rules = BrokerRules.AwsNow;

        /// <summary>MQTT keepalive in seconds.</summary>
        public int KeepAliveSeconds = 60;

        /// <summary>Between two readings, seconds.</summary>
        public int TelemetrySeconds = 10;

        /// <summary>What the Thing does between two readings.</summary>
        public SleepPolicy SleepPolicy;

        /// <summary>Between two readings of a Thing that sleeps, seconds; <see cref="TelemetrySeconds"/> is for one that does not.</summary>
        public int SleepSenseSeconds = 300;

        /// <summary>Between two connections, seconds: a multiple of <see cref="SleepSenseSeconds"/>.</summary>
        public int SleepConnectSeconds = 3600;

        /// <summary>How often a Thing that sleeps writes to flash, a day: once for each reading, once more for each connection, and once for its TLS session if that is stored.</summary>
        public int SleepWritesPerDay
        {
            get { return (SecondsPerDay / SleepSenseSeconds) + ((SecondsPerDay / SleepConnectSeconds) * (StoresTlsSession ? 2 : 1)); }
        }

        /// <summary>How long commands are awaited after everything was sent, seconds.</summary>
        public int SleepListenSeconds = 5;

        /// <summary>For a connection, from Wi-Fi to the last acknowledgement, seconds.</summary>
        public int SleepBudgetSeconds = 60;

        /// <summary>A temperature below this is told at once, degrees Celsius.</summary>
        public int SleepAlarmBelow = -100;

        /// <summary>A temperature above this is told at once, degrees Celsius.</summary>
        public int SleepAlarmAbove = 200;

        /// <summary>Below this the battery is low, millivolts; 0 = never.</summary>
        public int SleepLowBatteryMilliVolts = 3400;

        /// <summary>Topic of the last will and of <c>online</c>; default <c>THING/status</c>.</summary>
        public string StatusTopic;

        /// <summary>Topic of the readings; default <c>THING/telemetry</c>.</summary>
        public string TelemetryTopic;

        /// <summary>Topic of the commands; default <c>THING/commands</c>. Answers go to <c>/accepted</c> and <c>/rejected</c> below it.</summary>
        public string CommandsTopic;

        /// <summary>Topic of changes of state and of the doorbell; default <c>THING/events</c>.</summary>
        public string EventsTopic;

        /// <summary>The topic that several Things share and answer to their names on; null for none. With one there is a BMP280.</summary>
        public string FleetTopic;

        /// <summary>The Thing's name there: 1 to <see cref="Limits.FleetName"/> bytes of UTF-8 without colons and control characters.</summary>
        public string FleetName;

        /// <summary>What happens to readings that cannot be sent as fast as they come.</summary>
        public OutboxPolicy TelemetryPolicy = OutboxPolicy.DropOldest;

        /// <summary>What happens to events that cannot be sent as fast as they come.</summary>
        public OutboxPolicy EventsPolicy = OutboxPolicy.KeepAll;

        /// <summary>SSID, or null to use the network that nanoff stored in the device.</summary>
        public string WifiSsid;

        /// <summary>Password of the network; never logged.</summary>
        public string WifiPassword = "";

        /// <summary>File of the trusted CA certificates, PEM.</summary>
        public string CaFile = "ca.pem";

        /// <summary>File of the device's certificate, PEM.</summary>
        public string CertificateFile = "device.pem";

        /// <summary>File of the device's key, PEM.</summary>
        public string KeyFile = "device.key";

        /// <summary>True: certificate and key are those stored in the device by nanoff's network deployment.</summary>
        public bool UseStoredCertificate;

        /// <summary>Which TLS carries the connection.</summary>
        public TlsKind TlsKind;

        /// <summary>Where the TLS engine's session is kept; SslStream has none.</summary>
        public TlsSessionPolicy TlsSession = TlsSessionPolicy.Memory;

        /// <summary>Whether each new TLS session is written to flash.</summary>
        public bool StoresTlsSession
        {
            get { return TlsKind == TlsKind.Engine && TlsSession == TlsSessionPolicy.Storage; }
        }

        /// <summary>GPIO of the LED.</summary>
        public int LedPin = 2;

        /// <summary>GPIO of the dimmable light (PWM).</summary>
        public int LightPin = 4;

        /// <summary>GPIO of the toaster's relay.</summary>
        public int ToasterPin = 5;

        /// <summary>GPIO of the doorbell button (to ground, internal pull-up).</summary>
        public int ButtonPin = 0;

        /// <summary>GPIO of I2C data.</summary>
        public int SdaPin = 21;

        /// <summary>GPIO of I2C clock.</summary>
        public int SclPin = 22;

        /// <summary>GPIO of the battery's divider; must be one of ADC1's (32 to 39).</summary>
        public int BatteryPin = 34;

        /// <summary>GPIO of the status LED; <see cref="NoPin"/> without one.</summary>
        public int StatusLedPin = NoPin;

        /// <summary>Whether the board has a BMP280.</summary>
        public bool HasBmp280;

        /// <summary>The pressure at sea level that the altitude refers to, pascals.</summary>
        public int SeaLevelPa = StandardAtmosphere.SeaLevelPa;

        /// <summary>The longest toast, seconds. No command can exceed it.</summary>
        public int ToasterMaxSeconds = 180;

        /// <summary>Rest between two toasts, seconds.</summary>
        public int ToasterRestSeconds = 5;

        /// <summary>Whether the toaster goes off when the connection to the cloud is lost.</summary>
        public bool ToasterOffWhenOffline = true;

        /// <summary>Whether the Thing serves CoAP.</summary>
        public bool CoapEnabled = true;

        /// <summary>ALPN protocol of HTTPS with a client certificate on AWS IoT Core's port 443.</summary>
        public const string HttpsAlpn = "x-amzn-http-ca";

        /// <summary>Whether the Thing only publishes, over HTTPS: no commands, no last will.</summary>
        public bool HttpsPublish;

        /// <summary>The AWS region of MQTT over WebSocket with an access key (SigV4), such as eu-central-1; null for MQTT with a certificate.</summary>
        public string WebSocketRegion;

        /// <summary>File of the access key, JSON.</summary>
        public string WebSocketCredentialsFile = "aws.json";

        /// <summary>Whether the board serves HTTP.</summary>
        public bool HttpEnabled;

        /// <summary>TCP port of HTTP.</summary>
        public int HttpPort = 80;

        /// <summary>Who has it may switch over HTTP; null: nobody. Never logged.</summary>
        public string HttpToken;

        /// <summary>UDP port of the CoAP server.</summary>
        public int CoapPort = CoapDefaultPort;

        /// <summary>True: peers in the board's own subnet may switch actuators over CoAP, which has no authentication. False: nobody.</summary>
        public bool CoapWriteLocal;

        /// <summary>Whether each request that switches an actuator over CoAP must prove that it is new and its address its own (Echo, RFC 9175).</summary>
        public bool CoapProvesChanges;

        /// <summary>Whether the Thing answers to the group "All CoAP Nodes".</summary>
        public bool CoapMulticast = true;

        /// <summary>The resource directory to register with (RFC 9176), or null for none.</summary>
        public DatagramAddress CoapDirectory;

        /// <summary>How long a registration with the resource directory lives without an update, seconds.</summary>
        public int CoapLifetimeSeconds = 3600;
    }
}
