// The drone example: a master and two drones on one topic. The master asks each drone in turn for its altitude; the one whose name is in the command
// answers. In the middle one drone climbs. Everything that is said on the topic is printed, as the master hears it:
//     *Master Drone* received drones/altitude: COMMAND:GET_ALTITUDE:[Drone #1]
//     *Master Drone* received drones/altitude: [Drone #1] altitude: 120.1 m
// The drones are virtual boards with the real firmware, the broker is the stand-in; every port is a free one.

using System.Diagnostics;
using System.Globalization;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator.Drones;

/// <summary>The sample did not go as it should.</summary>
/// <param name="message">What went wrong.</param>
internal sealed class DroneSampleException(string message) : Exception(message);

/// <summary>Two drones, their master and their broker.</summary>
internal sealed class DroneSample : IAsyncDisposable
{
    private const string Topic = "drones/altitude";
    private const string Ask = "COMMAND:GET_ALTITUDE:";
    private const int ClimbsToMetres = 300;

    // the part's step is 0.24 m, a pascal is 0.08 m
    private const double ToleranceMetres = 0.6;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TextWriter _output;
    private readonly IotCoreStandIn _standIn;
    private readonly DroneMaster _master = new(Topic);
    private readonly Drone[] _drones;

    /// <summary>Makes the sample; nothing runs yet.</summary>
    /// <param name="stateFolder">An empty folder for certificates and the boards' storage.</param>
    /// <param name="output">Takes the transcript.</param>
    internal DroneSample(string stateFolder, TextWriter output)
    {
        _output = output;
        _standIn = new IotCoreStandIn(new IotCoreOptions { StateFolder = stateFolder, MqttPort = 0, AlpnPort = 0, HttpsPort = 0 });
        _drones = [new Drone(stateFolder, "drone-1", "[Drone #1]", 120), new Drone(stateFolder, "drone-2", "[Drone #2]", 45)];
    }

    /// <summary>Opens the broker, connects the master and switches the drones on.</summary>
    /// <param name="end">Gives up.</param>
    /// <returns>A task that is done when both drones are online and know their altitude.</returns>
    /// <exception cref="DroneSampleException">A drone did not come online.</exception>
    internal async Task StartAsync(CancellationToken end)
    {
        await _standIn.StartAsync().ConfigureAwait(false);
        await _master.ConnectAsync(_standIn, end).ConfigureAwait(false);
        Print($"{DroneMaster.Name} is connected to localhost:{_standIn.MqttPort} and subscribed to {Topic}");
        foreach (Drone drone in _drones)
        {
            drone.Start(_standIn, Topic);
        }

        foreach (Drone drone in _drones)
        {
            // a drone tells readings only after it has subscribed
            await MeasuredAsync(drone, end).ConfigureAwait(false);
            Print($"{drone.Name} is the Thing {drone.Thing}, at {drone.Metres} m");
        }
    }

    /// <summary>Lets the master ask both drones again and again; half-way the first one climbs.</summary>
    /// <param name="length">How long; each is asked at least once before the climb and once after it.</param>
    /// <param name="end">Gives up.</param>
    /// <returns>A task that is done when the last answer has come.</returns>
    /// <exception cref="DroneSampleException">A command was not answered, or not as it should be.</exception>
    internal async Task TalkAsync(TimeSpan length, CancellationToken end)
    {
        long start = Stopwatch.GetTimestamp();
        int commands = 0;
        bool hasClimbed = false;
        while (true)
        {
            foreach (Drone drone in _drones)
            {
                await AskAsync(drone, end).ConfigureAwait(false);
                commands++;
            }

            TimeSpan passed = Stopwatch.GetElapsedTime(start);
            if (hasClimbed && passed >= length)
            {
                break;
            }

            if (!hasClimbed && passed >= length / 2)
            {
                hasClimbed = true;
                _drones[0].MoveTo(ClimbsToMetres);
                Print($"{_drones[0].Name} climbs to {ClimbsToMetres} m");
                await MeasuredAsync(_drones[0], end).ConfigureAwait(false);
            }
            else
            {
                await Task.Delay(Pause, end).ConfigureAwait(false);
            }
        }

        Print($"{commands} commands, {commands} answers");
    }

    /// <summary>Ends in order: the master leaves, the drones land, the broker closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _master.DisconnectAsync().ConfigureAwait(false);
        _master.Dispose();
        await Task.WhenAll(_drones.Select(drone => Task.Run(drone.Stop))).ConfigureAwait(false);
        await _standIn.DisposeAsync().ConfigureAwait(false);
    }

    private async Task MeasuredAsync(Drone drone, CancellationToken end)
    {
        long start = Stopwatch.GetTimestamp();
        while (_master.AltitudeOf(drone.Thing) is not { } metres || Math.Abs(metres - drone.Metres) > ToleranceMetres)
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new DroneSampleException($"{drone.Name} has not measured {drone.Metres} m within {Patience.TotalSeconds} s; its firmware printed\n{drone.Lines}");
            }

            await Task.Delay(20, end).ConfigureAwait(false);
        }
    }

    // hears the command, which the broker brings to the master as well, and then one answer: anything else is a failure
    private async Task AskAsync(Drone drone, CancellationToken end)
    {
        string command = Ask + drone.Name;
        string start = drone.Name + " altitude: ";
        await _master.SayAsync(command, end).ConfigureAwait(false);
        string echo = await HearAsync(drone, end).ConfigureAwait(false);
        string answer = await HearAsync(drone, end).ConfigureAwait(false);
        if (echo != command || !answer.StartsWith(start, StringComparison.Ordinal) || !answer.EndsWith(" m", StringComparison.Ordinal)
            || !double.TryParse(answer[start.Length..^2], CultureInfo.InvariantCulture, out double metres) || Math.Abs(metres - drone.Metres) > ToleranceMetres)
        {
            throw new DroneSampleException($"{drone.Name} at {drone.Metres} m was asked; on the topic was '{echo}', then '{answer}'");
        }
    }

    private async Task<string> HearAsync(Drone drone, CancellationToken end)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(Patience);
        try
        {
            string text = await _master.Heard.ReadAsync(limit.Token).ConfigureAwait(false);
            Print($"{DroneMaster.Name} received {Topic}: {text}");
            return text;
        }
        catch (OperationCanceledException) when (!end.IsCancellationRequested)
        {
            throw new DroneSampleException($"{drone.Name} has not answered within {Patience.TotalSeconds} s; its firmware printed\n{drone.Lines}");
        }
    }

    private void Print(FormattableString line) => _output.WriteLine(FormattableString.Invariant(line));
}
