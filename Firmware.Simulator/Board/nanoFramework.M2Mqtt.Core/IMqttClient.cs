// nanoFramework.M2Mqtt.Core 5.1: the interface that other libraries take a client by. Signatures as in the package; nothing runs here.

using System.Collections;
using nanoFramework.M2Mqtt.Messages;

namespace nanoFramework.M2Mqtt;

/// <summary>An MQTT client as M2Mqtt's users see it.</summary>
public interface IMqttClient
{
    /// <summary>Handles a received message.</summary>
    /// <param name="sender">The client.</param>
    /// <param name="e">The message.</param>
    delegate void MqttMsgPublishEventHandler(object sender, MqttMsgPublishEventArgs e);

    /// <summary>Handles the end of a publish.</summary>
    /// <param name="sender">The client.</param>
    /// <param name="e">Which message.</param>
    delegate void MqttMsgPublishedEventHandler(object sender, MqttMsgPublishedEventArgs e);

    /// <summary>Handles the answer to a subscription.</summary>
    /// <param name="sender">The client.</param>
    /// <param name="e">What was granted.</param>
    delegate void MqttMsgSubscribedEventHandler(object sender, MqttMsgSubscribedEventArgs e);

    /// <summary>Handles the end of a subscription.</summary>
    /// <param name="sender">The client.</param>
    /// <param name="e">Which request.</param>
    delegate void MqttMsgUnsubscribedEventHandler(object sender, MqttMsgUnsubscribedEventArgs e);

    /// <summary>Handles the end of a connection.</summary>
    /// <param name="sender">The client.</param>
    /// <param name="e">Nothing.</param>
    delegate void ConnectionClosedEventHandler(object sender, EventArgs e);

    /// <summary>A message arrived.</summary>
    event MqttMsgPublishEventHandler MqttMsgPublishReceived;

    /// <summary>A message of QoS 1 or 2 was acknowledged.</summary>
    event MqttMsgPublishedEventHandler MqttMsgPublished;

    /// <summary>A subscription was answered.</summary>
    event MqttMsgSubscribedEventHandler MqttMsgSubscribed;

    /// <summary>A subscription was ended.</summary>
    event MqttMsgUnsubscribedEventHandler MqttMsgUnsubscribed;

    /// <summary>The connection ended.</summary>
    event ConnectionClosedEventHandler ConnectionClosed;

    /// <summary>Whether there is a connection.</summary>
    bool IsConnected { get; }

    /// <summary>Says where the broker is and how to trust it.</summary>
    /// <param name="brokerHostName">Host name.</param>
    /// <param name="brokerPort">TCP port.</param>
    /// <param name="secure">Whether TLS is used.</param>
    /// <param name="caCert">The CA, or null for those stored in the device.</param>
    /// <param name="clientCert">The client's certificate, or null for the one stored in the device.</param>
    /// <param name="sslProtocol">Version of TLS.</param>
    void Init(string brokerHostName, int brokerPort, bool secure, byte[]? caCert, byte[]? clientCert, MqttSslProtocols sslProtocol);

    /// <summary>Connects and waits for the broker's answer.</summary>
    /// <param name="clientId">Client identifier.</param>
    /// <param name="username">User name, or null.</param>
    /// <param name="password">Password, or null.</param>
    /// <param name="willRetain">Whether the will is retained.</param>
    /// <param name="willQosLevel">QoS of the will.</param>
    /// <param name="willFlag">Whether there is a will.</param>
    /// <param name="willTopic">Topic of the will.</param>
    /// <param name="willMessage">Payload of the will.</param>
    /// <param name="cleanSession">Whether the session ends with the connection.</param>
    /// <param name="keepAlivePeriod">Keepalive in seconds, 0 for none.</param>
    /// <returns>CONNACK's code.</returns>
    MqttReasonCode Connect(
        string clientId,
        string? username,
        string? password,
        bool willRetain,
        MqttQoSLevel willQosLevel,
        bool willFlag,
        string? willTopic,
        string? willMessage,
        bool cleanSession,
        ushort keepAlivePeriod);

    /// <summary>Ends the connection in order.</summary>
    void Disconnect();

    /// <summary>Subscribes.</summary>
    /// <param name="topics">Topic filters.</param>
    /// <param name="qosLevels">The most QoS for each.</param>
    /// <returns>The identifier that the event will carry.</returns>
    ushort Subscribe(string[] topics, MqttQoSLevel[] qosLevels);

    /// <summary>Ends subscriptions.</summary>
    /// <param name="topics">Topic filters.</param>
    /// <returns>The identifier that the event will carry.</returns>
    ushort Unsubscribe(string[] topics);

    /// <summary>Publishes with QoS 0.</summary>
    /// <param name="topic">Topic name.</param>
    /// <param name="message">Payload.</param>
    /// <returns>The identifier of the message.</returns>
    ushort Publish(string topic, byte[]? message);

    /// <summary>Publishes with QoS 0.</summary>
    /// <param name="topic">Topic name.</param>
    /// <param name="message">Payload.</param>
    /// <param name="contentType">Content type, MQTT 5.</param>
    /// <returns>The identifier of the message.</returns>
    ushort Publish(string topic, byte[]? message, string? contentType);

    /// <summary>Publishes.</summary>
    /// <param name="topic">Topic name.</param>
    /// <param name="message">Payload.</param>
    /// <param name="contentType">Content type, MQTT 5.</param>
    /// <param name="userProperties">Objects of <see cref="UserProperty"/>, MQTT 5.</param>
    /// <param name="qosLevel">QoS.</param>
    /// <param name="retain">Whether the broker keeps the message.</param>
    /// <returns>The identifier of the message.</returns>
    ushort Publish(string topic, byte[]? message, string? contentType, ArrayList? userProperties, MqttQoSLevel qosLevel, bool retain);

    /// <summary>Ends everything at once.</summary>
    void Close();
}
