// Every capacity of the firmware in one place. RAM is what an ESP32 is short of: each buffer below is allocated once, at boot.

using Firmware.Protocols.Coap;

namespace Firmware
{
    /// <summary>Sizes in bytes unless the name says otherwise.</summary>
    public static class Limits
    {
        /// <summary>The largest MQTT packet that is received whole; larger ones are skipped, acknowledged and reported.</summary>
        public const int MqttReceive = 1024;

        /// <summary>The largest CONNECT or SUBSCRIBE, and the acknowledgements behind it.</summary>
        public const int MqttControl = 1024;

        /// <summary>Outgoing messages until they are sent or acknowledged.</summary>
        public const int MqttArena = 4096;

        /// <summary>How many outgoing messages are held at the most. AWS allows 100 unacknowledged.</summary>
        public const int MqttPublishes = 16;

        /// <summary>How many topic filters the Thing subscribes to at the most. AWS allows 50 on a connection.</summary>
        public const int Subscriptions = 16;

        /// <summary>Messages that wait for a connection or their acknowledgement; twice as much is needed to save them.</summary>
        public const int Outbox = 3072;

        /// <summary>How many topics have messages in the outbox at the most.</summary>
        public const int OutboxTopics = 8;

        /// <summary>How many ranges of packet identifiers the open incoming QoS 2 messages may form.</summary>
        public const int MqttOpen = 8;

        /// <summary>The largest payload that the firmware itself composes: answers with an identifier whose every byte is escaped, telemetry, events.</summary>
        public const int Payload = 512;

        /// <summary>The longest topic: AWS IoT Core's limit.</summary>
        public const int Topic = 256;

        /// <summary>The longest thing name, which is also the client identifier: AWS IoT Core's limit.</summary>
        public const int ThingName = 128;

        /// <summary>The longest identifier of a command: a UUID has 36.</summary>
        public const int CommandId = 40;

        /// <summary>The longest name of a Thing in a fleet; the answers that begin with it take some 35 bytes more, once, if there is a fleet.</summary>
        public const int FleetName = 32;

        /// <summary>How many identifiers of past commands are remembered, so that a command that is delivered twice runs once.</summary>
        public const int CommandIds = 16;

        /// <summary>How deep a command or the configuration may nest.</summary>
        public const int JsonDepth = 4;

        /// <summary>How many resources the Thing has at the most.</summary>
        public const int Resources = 16;

        /// <summary>The longest name of a resource.</summary>
        public const int ResourceName = 32;

        /// <summary>The longest CoAP message, both ways: what RFC 7252 section 4.6 assumes of every endpoint.</summary>
        public const int CoapMessage = 1152;

        /// <summary>In front of the body in the buffer of outgoing CoAP messages, for what is known only after the body.</summary>
        public const int CoapHead = CoapEndpoint.HeadRoom;

        /// <summary>How many received CoAP requests are remembered with their replies, so that a copy of one is answered and not run again.</summary>
        public const int CoapExchanges = 16;

        /// <summary>What these replies take together.</summary>
        public const int CoapReplies = 2048;

        /// <summary>How many further CoAP requests that must not run twice are remembered, without reply; 16 bytes each.</summary>
        public const int CoapSpent = 64;

        /// <summary>How many Confirmable CoAP messages, notifications apart, may wait for their acknowledgement; each keeps one <see cref="CoapMessage"/>.</summary>
        public const int CoapTransmissions = 3;

        /// <summary>How many CoAP clients may observe at the same time; one that observes two resources counts twice.</summary>
        public const int CoapObservers = 8;

        /// <summary>The longest request that may register an observer; each observer keeps it.</summary>
        public const int CoapObserver = 64;

        /// <summary>How many CoAP requests may wait: for their handler, or a request to the group for its leisure.</summary>
        public const int CoapDeferrals = 4;

        /// <summary>The longest CoAP request that may wait; each place keeps one.</summary>
        public const int CoapDeferral = 128;

        /// <summary>How many CoAP bodies in blocks may be under way.</summary>
        public const int CoapTransfers = 2;

        /// <summary>The longest command over CoAP, in one piece or in blocks; each transfer keeps one, and a <see cref="CoapDeferral"/>.</summary>
        public const int CoapBody = 256;

        /// <summary>How many CoAP clients are remembered that have proved their address (RFC 9175).</summary>
        public const int CoapProvedPeers = 8;

        /// <summary>One resource's state in any format, and the device's own.</summary>
        public const int CoapState = 256;

        /// <summary>The longest SenML name in a selection or a patch; three times this is kept.</summary>
        public const int CoapName = 64;

        /// <summary>The longest SenML text value in a patch.</summary>
        public const int CoapWord = 16;

        /// <summary>How many requests the Thing itself may have under way over CoAP, for the resource directory; 216 bytes of buffers each.</summary>
        public const int CoapRequests = 1;

        /// <summary>How much is looked at of what a resource directory tells about itself; kept twice.</summary>
        public const int CoapDirectoryLinks = 256;

        /// <summary>The longest path that a resource directory may give to the Thing's entry.</summary>
        public const int CoapLocation = 64;

        /// <summary>How long a resource directory is waited for when the device stops, milliseconds: the entry is to be removed, but the restart is not to hang on it.</summary>
        public const int CoapLeaveMs = StopMs / 2;

        /// <summary>How often opening a port, for CoAP or HTTP, is tried while there is no network, milliseconds.</summary>
        public const int PortReopenMs = 1000;

        /// <summary>How often it is looked whether the board still has the address that its ports were opened with, milliseconds.</summary>
        public const int PortLookMs = 5000;

        /// <summary>The window from the network to the TLS engine. Records may be longer: the engine has buffers of its own, in the native heap.</summary>
        public const int TlsInput = 2048;

        /// <summary>The window from the TLS engine to the network.</summary>
        public const int TlsOutput = 2048;

        /// <summary>The longest TLS session that is kept: a server's certificate, its ticket, in which it may keep the device's certificate, and 200 bytes.</summary>
        public const int TlsSession = 3072;

        /// <summary>How long after the last look at the server's certificates a TLS session is offered, seconds.</summary>
        public const int TlsSessionSeconds = 86400;

        /// <summary>The pause of the connector's thread while the TLS handshake waits for the server, milliseconds.</summary>
        public const int TlsPauseMs = 5;

        /// <summary>The largest configuration file.</summary>
        public const int Configuration = 4096;

        /// <summary>The longest that the loop waits while a connection is open, milliseconds: how late an incoming byte may be noticed.</summary>
        public const int LoopWhileConnectedMs = 20;

        /// <summary>The longest that the loop waits otherwise, milliseconds.</summary>
        public const int LoopIdleMs = 250;

        /// <summary>For Wi-Fi and the date, milliseconds.</summary>
        public const int WifiMs = 60000;

        /// <summary>For TCP connect, and for the TLS handshake (SslStream on a device cannot limit it), milliseconds each.</summary>
        public const int ConnectMs = 15000;

        /// <summary>From the request for a connection to its transport, all steps together, milliseconds.</summary>
        public const int OpenMs = 120000;

        /// <summary>The first backoff is random in 0 to this, milliseconds; it doubles with each failure.</summary>
        public const int BackoffBaseMs = 1000;

        /// <summary>The longest backoff, milliseconds.</summary>
        public const int BackoffCapMs = 120000;

        /// <summary>Added to each backoff, milliseconds: AWS IoT Core takes one CONNECT a second from a client identifier.</summary>
        public const int BackoffFloorMs = 1000;

        /// <summary>How long a connection must last to prove itself, so that the backoff starts again from its base, milliseconds.</summary>
        public const int ProvenMs = 30000;

        /// <summary>How many decimal digits a long has, with its sign.</summary>
        public const int LongDigits = 20;

        /// <summary>How much earlier than planned a reading may be taken, milliseconds: not worth another sleep.</summary>
        public const int SleepEarlyMs = 1000;

        /// <summary>A saved schedule that is later than this, milliseconds, is no schedule: the clock jumped while the board was off.</summary>
        public const int SleepLateMs = 86400000;

        /// <summary>The longest time that commands prolong the window in which a sleeping Thing listens, milliseconds; a toast may last longer.</summary>
        public const int SleepListenMs = 60000;

        /// <summary>How many times as long the periods are while the battery is low.</summary>
        public const int SleepStretch = 4;

        /// <summary>How far a temperature must be within a threshold again, tenths of a degree: one that lingers there must not connect the Thing at each reading.</summary>
        public const int SleepAlarmMargin = 5;

        /// <summary>How much above its limit a low battery counts as good again, millivolts.</summary>
        public const int SleepBatteryMargin = 100;

        /// <summary>Time for the radio to send the goodbye before it is switched off, milliseconds: an estimate.</summary>
        public const int SleepFlushMs = 100;

        /// <summary>The longest sleep while the doorbell is held down and cannot be armed, milliseconds.</summary>
        public const int SleepHeldMs = 10000;

        /// <summary>How often a sleeping Thing may write to flash, a day: with 64 blocks of 4 KB, two erased a write, and 100,000 cycles, four years.</summary>
        public const int SleepWritesPerDay = 2000;

        /// <summary>For a clean end: actuators off, queue sent, DISCONNECT, milliseconds.</summary>
        public const int StopMs = 3000;

        /// <summary>The head of the answer to the handshake of MQTT over WebSocket, bytes; later it takes nothing.</summary>
        public const int WebSocketReceive = 1024;

        /// <summary>The signed request of MQTT over WebSocket, with its session token, bytes; later a frame.</summary>
        public const int WebSocketSend = 3072;

        /// <summary>How long a signed request may be used, seconds.</summary>
        public const int WebSocketExpirySeconds = 300;

        /// <summary>What the buffers of MQTT over WebSocket take together; they are there only if it is configured.</summary>
        public const int WebSocketBuffers = WebSocketReceive + WebSocketSend;

        /// <summary>A PUBLISH that goes over HTTPS, bytes: the longest topic and payload, and its header.</summary>
        public const int HttpsPacket = Topic + Payload + 16;

        /// <summary>The request made of it, bytes; a topic can grow threefold.</summary>
        public const int HttpsRequest = (3 * Topic) + Payload + 384;

        /// <summary>The answer to it, bytes: its head, and 448 of a body that says no more than its status.</summary>
        public const int HttpsAnswer = 1536;

        /// <summary>What the buffers of HTTPS publish take together; they are there only if it is configured.</summary>
        public const int HttpsBuffers = HttpsPacket + HttpsRequest + HttpsAnswer;

        /// <summary>HTTP connections at once, WebSockets among them. lwIP has 10 sockets in all on an ESP32.</summary>
        public const int HttpConnections = 4;

        /// <summary>WebSockets at once.</summary>
        public const int HttpWebSockets = 2;

        /// <summary>The head of a request, bytes. Browsers send some 500.</summary>
        public const int HttpHead = 1024;

        /// <summary>The body of a request, bytes.</summary>
        public const int HttpRequestBody = CoapBody;

        /// <summary>A representation, bytes: the links of all resources are the longest.</summary>
        public const int HttpBody = 1536;

        /// <summary>An answer with its head, bytes.</summary>
        public const int HttpAnswer = HttpBody + 512;

        /// <summary>A message that comes over a WebSocket, bytes.</summary>
        public const int HttpMessage = CoapBody;

        /// <summary>What waits to be pushed over a WebSocket, bytes, with 266 for control frames.</summary>
        public const int HttpPush = 1024;

        /// <summary>A token, bytes.</summary>
        public const int HttpToken = 64;

        /// <summary>Requests that are answered, or messages that are taken, on one connection in one turn of the loop.</summary>
        public const int HttpMessagesPerTurn = 4;

        /// <summary>From the first byte of a request to its last, and for a client to read something of an answer, milliseconds.</summary>
        public const int HttpRequestMs = 10000;

        /// <summary>Between two requests, and from the last sign of life on a WebSocket to a ping and from there to the end, milliseconds.</summary>
        public const int HttpIdleMs = 30000;

        /// <summary>What the buffers of HTTP take together; they are there only if it is switched on. The page, made when somebody asks for it, is not counted.</summary>
        public const int HttpBuffers = (HttpConnections * (HttpHead + HttpRequestBody + 64 + HttpAnswer)) + HttpBody + (HttpWebSockets * (HttpMessage + HttpPush + Payload + HttpToken));

        /// <summary>What the buffers of CoAP take together; those for a resource directory are there only if one is configured.</summary>
        public const int CoapBuffers = ((2 + CoapTransmissions) * CoapMessage) + CoapHead + CoapReplies + (16 * CoapSpent) + (CoapObservers * CoapObserver)
            + (CoapDeferrals * CoapDeferral) + (CoapTransfers * (CoapBody + CoapDeferral)) + (2 * CoapState) + (3 * CoapName) + CoapWord
            + (216 * CoapRequests) + (2 * CoapDirectoryLinks) + CoapLocation;

        /// <summary>What the buffers of the TLS engine take together in the managed heap; they are there only if it is configured.</summary>
        public const int TlsBuffers = TlsInput + TlsOutput + TlsSession;

        /// <summary>What all static buffers take together, those of the TLS engine apart.</summary>
        public const int StaticBuffers = MqttReceive + MqttControl + MqttArena + (3 * Outbox) + (3 * Payload) + (2 * (1 + Cycle.SleepState.Length))
            + (CommandIds * (CommandId + 1)) + CommandId + CoapBuffers;
    }
}
