// An adapter on the broker in memory, with a record of its events. Waits are on conditions, in real time, and end with the whole record.

using System.Diagnostics;
using System.Text;
using Firmware.Connectivity;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Messages;
using TestFrameworkShared;

namespace Firmware.Tests.Host.Adapter;

/// <summary>An adapter under test. Dispose it: that closes the adapter.</summary>
internal sealed class AdapterBench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly List<string> _events = [];

    internal AdapterBench()
    {
        Adapter = new MqttClientAdapter((_, _) => Broker.Open(), new Clock());
        Adapter.MqttMsgPublishReceived += (_, e) =>
            Note($"received {e.Topic} {Shorten(e.Message)} {(int)e.QosLevel}{(e.Retain ? " retained" : "")}{(e.DupFlag ? " dup" : "")}");
        Adapter.MqttMsgPublished += (_, e) => Note($"published {e.MessageId} {e.IsPublished}");
        Adapter.MqttMsgSubscribed += (_, e) => Note($"subscribed {e.MessageId} {string.Join(",", e.GrantedQoSLevels)}");
        Adapter.MqttMsgUnsubscribed += (_, e) => Note($"unsubscribed {e.MessageId}");
        Adapter.ConnectionClosed += (_, _) => Note("closed");
    }

    internal AdapterBroker Broker { get; } = new();

    internal MqttClientAdapter Adapter { get; }

    /// <summary>The same as libraries see it.</summary>
    internal IMqttClient Client => Adapter;

    /// <summary>All events until now.</summary>
    internal string[] Events
    {
        get
        {
            lock (_events)
            {
                return [.. _events];
            }
        }
    }

    /// <summary>A bench that is connected.</summary>
    internal static AdapterBench Connected()
    {
        var bench = new AdapterBench();
        if (bench.Connect() != MqttReasonCode.Success)
        {
            throw new AssertFailedException("not connected");
        }

        return bench;
    }

    internal MqttReasonCode Connect(bool cleanSession = true) =>
        Client.Connect("adapter", null, null, false, MqttQoSLevel.AtMostOnce, false, null, null, cleanSession, 60);

    internal ushort Publish(string topic, string text, MqttQoSLevel qos, bool retain = false) =>
        Client.Publish(topic, Encoding.UTF8.GetBytes(text), null, null, qos, retain);

    internal int Count(string text) => Events.Count(e => e == text);

    internal void WaitFor(string text) => Wait(() => Count(text) > 0, text);

    /// <summary>Waits until something is so.</summary>
    internal void Wait(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new AssertFailedException($"did not come: {what}; events: {string.Join(" | ", Events)}; packets: {string.Join(" ", Broker.Packets)}");
            }

            Thread.Sleep(1);
        }
    }

    public void Dispose() => Adapter.Close();

    private static string Shorten(byte[] payload)
    {
        string text = Encoding.UTF8.GetString(payload);
        return text.Length <= 40 ? text : $"{payload.Length} B";
    }

    private void Note(string text)
    {
        lock (_events)
        {
            _events.Add(text);
        }
    }
}
