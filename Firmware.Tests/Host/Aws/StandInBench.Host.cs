// What the tests of the stand-in share: a stand-in on free ports with its events, one set of certificates, and a clock that only moves when told.

using System.Diagnostics;
using Firmware.Simulator.Aws;
using nanoFramework.TestFramework;

namespace Firmware.Tests.Host.Aws;

/// <summary>A running stand-in and everything that it reported.</summary>
internal sealed class StandInBench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly Lazy<DevelopmentCertificates> SharedCertificates = new(MakeCertificates);
    private readonly List<StandInEvent> _events = [];

    internal StandInBench(AwsRules rules = AwsRules.Rules2018, int mqttPort = 0, int alpnPort = 0, int httpsPort = 0, int connackDelayMs = 5, bool resumesTls = false)
    {
        Options = new IotCoreOptions
        {
            StateFolder = Path.GetDirectoryName(Certificates.Folder)!,
            MqttPort = mqttPort,
            AlpnPort = alpnPort,
            HttpsPort = httpsPort,
            Rules = rules,
            Time = Time,
            ConnackDelay = TimeSpan.FromMilliseconds(connackDelayMs),
            ResumesTls = resumesTls,

            // in TLS 1.3 the session comes after the handshake, too late for what is tested here
            Tls12Only = resumesTls,
        };
        StandIn = new IotCoreStandIn(Options, Certificates);
        StandIn.Happened += happened =>
        {
            lock (_events)
            {
                _events.Add(happened);
                Monitor.PulseAll(_events);
            }
        };
    }

    internal static DevelopmentCertificates Certificates => SharedCertificates.Value;

    internal IotCoreOptions Options { get; }

    internal IotCoreStandIn StandIn { get; }

    internal ManualTime Time { get; } = new();

    /// <summary>Makes a stand-in and opens its doors.</summary>
    internal static StandInBench Start(AwsRules rules = AwsRules.Rules2018, int connackDelayMs = 5, bool resumesTls = false)
    {
        var bench = new StandInBench(rules, connackDelayMs: connackDelayMs, resumesTls: resumesTls);
        bench.StandIn.StartAsync().Wait();
        return bench;
    }

    /// <summary>A new empty folder that is gone when the tests are over.</summary>
    internal static string TemporaryFolder()
    {
        string folder = Directory.CreateTempSubdirectory("aws-stand-in-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    /// <summary>A client at the mqtt door, after TLS.</summary>
    internal RawDevice Open() => RawDevice.Open(StandIn.MqttPort, Certificates.Client);

    /// <summary>A client that was accepted with the given id.</summary>
    internal RawDevice Connect(string clientId, bool cleanSession = true, int keepAlive = 60)
    {
        RawDevice device = Open();
        device.Send(Packets.Connect(clientId, cleanSession, keepAlive));
        byte[]? connack = device.Read();
        Assert.AreEqual("CONNACK", Packets.Name(connack));
        Assert.AreEqual(0, (int)connack![3], "return code");
        return device;
    }

    /// <summary>The first event of a kind for which the condition holds; waits for it.</summary>
    internal T Wait<T>(Func<T, bool>? condition = null)
        where T : StandInEvent
    {
        long start = Stopwatch.GetTimestamp();
        lock (_events)
        {
            while (true)
            {
                T? found = _events.OfType<T>().FirstOrDefault(e => condition is null || condition(e));
                if (found is not null)
                {
                    return found;
                }

                TimeSpan left = Patience - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_events, left))
                {
                    string seen = string.Join(" | ", _events.Select(e => e.Text));
                    throw new TestFrameworkShared.AssertFailedException($"no {typeof(T).Name} came; there were: {seen}");
                }
            }
        }
    }

    /// <summary>How many events of a kind there were until now.</summary>
    internal int Count<T>()
    {
        lock (_events)
        {
            return _events.OfType<T>().Count();
        }
    }

    public void Dispose() => StandIn.DisposeAsync().AsTask().Wait();

    private static DevelopmentCertificates MakeCertificates() => DevelopmentCertificates.Open(TemporaryFolder());
}

/// <summary>A clock that stands still until it is moved, with timers.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now = TimeSpan.FromHours(1);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_timers)
        {
            return _now.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock on and runs the timers that are then due, each once.</summary>
    internal void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_timers)
        {
            _now += by;
            due = [.. _timers.Where(t => t.Due <= _now)];
            foreach (ManualTimer timer in due)
            {
                timer.Restart(_now);
            }
        }

        due.ForEach(t => t.Run());
    }

    private sealed class ManualTimer(ManualTime owner, Action run) : ITimer
    {
        private TimeSpan _period;

        internal TimeSpan Due { get; private set; } = TimeSpan.MaxValue;

        internal Action Run { get; } = run;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._timers)
            {
                _period = period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : owner._now + dueTime;
                if (!owner._timers.Contains(this))
                {
                    owner._timers.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (owner._timers)
            {
                owner._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        internal void Restart(TimeSpan now) => Due = _period == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : now + _period;
    }
}
