// The message broker behind the doors: MQTTnet's server for routing and sessions, with AWS's takeover, wills, matching and session expiry around it.
//
// One client id has one connection at a time: RegisterAsync ends the old one, will included, before MQTTnet sees the new one.
// Owns the MQTTnet server, which outlives a closed door so that persistent sessions and retained messages do too.

using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Firmware.Simulator.Aws;

/// <summary>Routes messages between connections.</summary>
internal sealed class Broker : IDisposable
{
    private const int LongestPreview = 120;
    private const int MostRememberedConnects = 1000;
    private const string StandInName = "stand-in";

    private readonly Action<StandInEvent> _sink;
    private readonly Lock _sinkGate = new();
    private readonly SemaphoreSlim _registering = new(1, 1);
    private readonly ConcurrentDictionary<string, DeviceConnection> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<DeviceConnection, bool> _connections = new();
    private readonly Dictionary<string, HashSet<string>> _filters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lastConnect = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _sessionLeft = new(StringComparer.Ordinal);
    private readonly ServerAdapter _adapter = new();
    private readonly MqttServer _server;
    private IList<MqttApplicationMessage> _retained = [];
    private volatile bool _stopping;

    internal Broker(IotCoreOptions options, Action<StandInEvent> sink)
    {
        Options = options;
        _sink = sink;
        var serverOptions = new MqttServerOptions
        {
            EnablePersistentSessions = options.Rules == AwsRules.Now,
            DefaultCommunicationTimeout = TimeSpan.FromSeconds(AwsLimits.ConnectTimeoutSeconds),
        };
        _server = new MqttServer(serverOptions, [_adapter], MqttNetNullLogger.Instance);
        _server.InterceptingClientEnqueueAsync += OnEnqueue;
        _server.InterceptingPublishAsync += OnPublish;
        _server.LoadingRetainedMessageAsync += OnLoadingRetained;
    }

    internal IotCoreOptions Options { get; }

    internal async Task StartAsync()
    {
        _stopping = false;
        await _server.StartAsync().ConfigureAwait(false);
    }

    /// <summary>Drops every client as a lost network would; wills are not sent, since nobody is left to hear them.</summary>
    internal async Task StopAsync()
    {
        _stopping = true;
        foreach (DeviceConnection connection in _connections.Keys)
        {
            connection.Abort("the broker went away");
        }

        _retained = await _server.GetRetainedMessagesAsync().ConfigureAwait(false);
        await _server.StopAsync(new MqttServerStopOptions()).ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_connections.Keys.Select(c => c.Completion)), Task.Delay(TimeSpan.FromMilliseconds(300))).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _server.Dispose();
        _registering.Dispose();
    }

    /// <summary>Serves one connection until it is over.</summary>
    internal async Task RunAsync(DeviceConnection connection)
    {
        _connections[connection] = true;
        try
        {
            Func<IMqttChannelAdapter, Task>? serve = _adapter.ClientHandler;
            if (serve is null || _stopping)
            {
                connection.Drop("the stand-in is stopping");
                return;
            }

            await serve(connection).ConfigureAwait(false);
        }
        finally
        {
            bool willDue = connection.Finish();
            if (_clients.TryRemove(new KeyValuePair<string, DeviceConnection>(connection.ClientId, connection)))
            {
                LeaveSession(connection.ClientId, connection.Request!.CleanSession);
            }

            if (willDue && !_stopping)
            {
                MqttConnectPacket request = connection.Request!;
                await SendAsync(connection.ClientId, "will", request.WillTopic, request.WillMessage, (int)request.WillQoS, request.WillRetain).ConfigureAwait(false);
            }

            _connections.TryRemove(connection, out _);
            connection.Complete();
        }
    }

    /// <summary>Makes this connection the one of its client id; ends an older one first, and forgets a session that is too old.</summary>
    internal async Task RegisterAsync(DeviceConnection connection)
    {
        string id = connection.ClientId;
        await _registering.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_clients.TryGetValue(id, out DeviceConnection? older))
            {
                older.Abort("another client connected with the same client id", takenOver: true);
                await Task.WhenAny(older.Completion, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
            }

            WarnAboutFrequentConnects(connection);
            await ForgetOldSessionAsync(id, connection.Request!.CleanSession).ConfigureAwait(false);
            _clients[id] = connection;
        }
        finally
        {
            _registering.Release();
        }
    }

    /// <summary>Adds topic filters to a client's session unless they would be too many.</summary>
    internal bool TryAddFilters(string clientId, IEnumerable<string> filters)
    {
        lock (_filters)
        {
            if (!_filters.TryGetValue(clientId, out HashSet<string>? known))
            {
                return true; // its session is over
            }

            HashSet<string> wanted = [.. known, .. filters];
            if (wanted.Count > AwsLimits.FiltersPerConnection)
            {
                return false;
            }

            _filters[clientId] = wanted;
            return true;
        }
    }

    internal void RemoveFilter(string clientId, string filter)
    {
        lock (_filters)
        {
            if (_filters.TryGetValue(clientId, out HashSet<string>? known))
            {
                known.Remove(filter);
            }
        }
    }

    internal bool Drop(string clientId)
    {
        bool found = _clients.TryGetValue(clientId, out DeviceConnection? connection);
        connection?.Abort("dropped on request");
        return found;
    }

    /// <summary>Publishes a message as the stand-in itself.</summary>
    internal Task PublishAsync(string topic, byte[] payload, int qos) => SendAsync(StandInName, StandInName, topic, payload, qos, false);

    /// <summary>Publishes what came without MQTT. It is judged already.</summary>
    internal Task PublishAsync(string publisher, string source, string topic, byte[] payload, int qos, bool retain) => SendAsync(publisher, source, topic, payload, qos, retain);

    internal void Emit(StandInEvent happened)
    {
        lock (_sinkGate)
        {
            _sink(happened);
        }
    }

    internal void EmitPublished(string clientId, string source, string topic, int qos, bool retain, byte[] payload) =>
        Emit(new MessagePublished(clientId, source, topic, qos, retain, payload.Length, Preview(payload)));

    private async Task SendAsync(string sender, string source, string topic, byte[] payload, int qos, bool retain)
    {
        EmitPublished(sender, source, topic, qos, retain, payload);
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            PayloadSegment = new ArraySegment<byte>(payload),
            QualityOfServiceLevel = (MqttQualityOfServiceLevel)qos,
            Retain = retain,
        };
        await _server.InjectApplicationMessage(new InjectedMqttApplicationMessage(message) { SenderClientId = sender }).ConfigureAwait(false);
    }

    private void WarnAboutFrequentConnects(DeviceConnection connection)
    {
        TimeProvider time = Options.Time;
        if (_lastConnect.Count > MostRememberedConnects)
        {
            _lastConnect.Clear();
        }

        bool again = _lastConnect.TryGetValue(connection.ClientId, out long last);
        if (again && time.GetElapsedTime(last) < TimeSpan.FromSeconds(AwsLimits.SecondsBetweenConnects))
        {
            Emit(new RuleViolated(
                connection.ClientId, connection.Visitor.Door, "a client id connects at most once a second [AWS quotas]", "two CONNECT within a second",
                "Back off before connecting again: AWS may refuse it, the stand-in does not.", RuleConsequence.Allowed));
        }

        _lastConnect[connection.ClientId] = time.GetTimestamp();
    }

    private void LeaveSession(string id, bool cleanSession)
    {
        lock (_filters)
        {
            if (cleanSession)
            {
                _filters.Remove(id);
            }
            else
            {
                _sessionLeft[id] = Options.Time.GetTimestamp();
            }
        }
    }

    private async Task ForgetOldSessionAsync(string id, bool cleanSession)
    {
        bool expired;
        lock (_filters)
        {
            expired = _sessionLeft.Remove(id, out long left)
                && Options.Time.GetElapsedTime(left) >= TimeSpan.FromSeconds(AwsLimits.PersistentSessionSeconds);
            if (expired || cleanSession || !_filters.ContainsKey(id))
            {
                _filters[id] = new HashSet<string>(StringComparer.Ordinal);
            }
        }

        if (expired && (await _server.GetSessionsAsync().ConfigureAwait(false)).FirstOrDefault(s => s.Id == id) is { } session)
        {
            await session.DeleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>MQTTnet asks for each receiver: AWS's matching is narrower than MQTT's (sensor/# does not match sensor).</summary>
    private Task OnEnqueue(InterceptingClientApplicationMessageEnqueueEventArgs args)
    {
        lock (_filters)
        {
            args.AcceptEnqueue = _filters.TryGetValue(args.ReceiverClientId, out HashSet<string>? filters)
                && filters.Any(f => TopicRules.Matches(f, args.ApplicationMessage.Topic));
        }

        return Task.CompletedTask;
    }

    /// <summary>Basic Ingest goes to a rule, never to subscribers: it is acknowledged and nothing more.</summary>
    private static Task OnPublish(InterceptingPublishEventArgs args)
    {
        args.ProcessPublish = !args.ApplicationMessage.Topic.StartsWith(AwsLimits.BasicIngestPrefix, StringComparison.Ordinal);
        return Task.CompletedTask;
    }

    private Task OnLoadingRetained(LoadingRetainedMessagesEventArgs args)
    {
        args.LoadedRetainedMessages = [.. _retained];
        return Task.CompletedTask;
    }

    private static string? Preview(byte[] payload)
    {
        if (payload.Length > LongestPreview)
        {
            return null;
        }

        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(payload);
            return text.Any(c => char.GetUnicodeCategory(c) == UnicodeCategory.Control) ? null : text;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>MQTTnet's way in: the doors call its handler with their connections.</summary>
    private sealed class ServerAdapter : IMqttServerAdapter
    {
        public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

        public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger) => Task.CompletedTask;

        public Task StopAsync() => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
