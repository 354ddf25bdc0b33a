// A test framework for Microsoft.Testing.Platform 1.9 with the semantics of nanoFramework's device launcher: no instance, Setup and Cleanup once
// per class, a skipping Setup skips its class, a failing one does not. Classes and tests run strictly one after another, since their state is static;
// only those marked [RunsBeside] run, one after another too, beside the others. Those marked [RunsAlone] come last.
// Each test runs on a thread of its own, so that a hung one can be named; it cannot be ended safely, so it ends the run.
// What a test writes to the console is captured and shown with its failure.
using System.Diagnostics;
using System.Reflection;
using Microsoft.Testing.Platform.Extensions.Messages;
using Microsoft.Testing.Platform.Extensions.TestFramework;
using Microsoft.Testing.Platform.Requests;
using nanoFramework.TestFramework;

namespace Firmware.Simulator.TestFramework;

internal sealed class TestSession(Assembly assembly, TestOptions options) : ITestFramework, IDataProducer
{
    private readonly TextWriter _console = Console.Out;
    private int _selected;
    private volatile bool _hung;

    public string Uid => "Firmware.TestSession";

    public string Version => "1.0.0";

    public string DisplayName => options.DisplayName;

    public string Description => options.Description;

    public Type[] DataTypesProduced => [typeof(TestNodeUpdateMessage)];

    public Task<bool> IsEnabledAsync() => Task.FromResult(true);

    public Task<CreateTestSessionResult> CreateTestSessionAsync(CreateTestSessionContext context) =>
        Task.FromResult(new CreateTestSessionResult { IsSuccess = true });

    public async Task ExecuteRequestAsync(ExecuteRequestContext context)
    {
        var request = (TestExecutionRequest)context.Request;
        HashSet<string>? uids = request.Filter is TestNodeUidListFilter list ? [.. list.TestNodeUids.Select(uid => uid.Value)] : null;
        TestClass[] classes =
        [
            .. TestClass.FindIn(assembly)
                .Select(found => found with { Tests = [.. found.Tests.Where(test => test.Matches(options.Filter) && uids?.Contains(test.Uid) != false)] })
                .Where(found => found.Tests.Length > 0),
        ];
        _selected = classes.Sum(found => found.Tests.Length);

        Task Report(TestCase test, params IProperty[] properties) =>
            context.MessageBus.PublishAsync(this, new TestNodeUpdateMessage(request.Session.SessionUid, Node(test, properties)));

        if (request is DiscoverTestExecutionRequest)
        {
            foreach (TestCase test in classes.SelectMany(found => found.Tests))
            {
                await Report(test, DiscoveredTestNodeStateProperty.CachedInstance).ConfigureAwait(false);
            }
        }
        else
        {
            ILookup<(bool Beside, bool Alone), TestClass> lanes = classes.ToLookup(
                found => (found.Type.IsDefined(typeof(RunsBesideAttribute)), found.Type.IsDefined(typeof(RunsAloneAttribute))));
            await Task.WhenAll(
                Task.Run(() => RunLaneAsync(lanes[(true, false)], false, Report, context.CancellationToken)),
                RunLaneAsync(lanes[(false, false)], true, Report, context.CancellationToken)).ConfigureAwait(false);
            await RunLaneAsync(lanes[(false, true)], true, Report, context.CancellationToken).ConfigureAwait(false);
        }

        context.Complete();
    }

    public Task<CloseTestSessionResult> CloseTestSessionAsync(CloseTestSessionContext context) =>
        Task.FromResult(new CloseTestSessionResult
        {
            IsSuccess = _selected > 0,
            ErrorMessage = _selected > 0 ? null
                : options.Filter is { } filter ? $"No test of {assembly.GetName().Name} has '{filter}' in its name; --list-tests lists the names."
                : $"{assembly.GetName().Name} has no tests.",
        });

    private async Task RunLaneAsync(IEnumerable<TestClass> classes, bool captures, Func<TestCase, IProperty[], Task> report, CancellationToken cancelled)
    {
        foreach (TestClass found in classes)
        {
            if (_hung || !await RunClassAsync(found, captures, report, cancelled).ConfigureAwait(false))
            {
                break;
            }
        }
    }

    /// <summary>Runs one class; false if the run must end here.</summary>
    private async Task<bool> RunClassAsync(TestClass found, bool captures, Func<TestCase, IProperty[], Task> report, CancellationToken cancelled)
    {
        string? skipped = null;
        foreach (TestCase setup in found.Setup)
        {
            (TestNodeStateProperty state, TimingProperty timing) = await RunAsync(setup, captures, cancelled).ConfigureAwait(false);
            if (state is SkippedTestNodeStateProperty)
            {
                skipped = state.Explanation;
            }
            else if (state is not PassedTestNodeStateProperty)
            {
                await report(setup, [state, timing]).ConfigureAwait(false);
                if (_hung)
                {
                    return false;
                }
            }
        }

        foreach (TestCase test in found.Tests)
        {
            cancelled.ThrowIfCancellationRequested();
            if (skipped is not null)
            {
                await report(test, [new SkippedTestNodeStateProperty(skipped)]).ConfigureAwait(false);
                continue;
            }

            await report(test, [InProgressTestNodeStateProperty.CachedInstance]).ConfigureAwait(false);
            (TestNodeStateProperty state, TimingProperty timing) = await RunAsync(test, captures, cancelled).ConfigureAwait(false);
            await report(test, [state, timing]).ConfigureAwait(false);
            if (_hung)
            {
                return false;
            }
        }

        foreach (TestCase cleanup in skipped is null ? found.Cleanup : [])
        {
            (TestNodeStateProperty state, TimingProperty timing) = await RunAsync(cleanup, captures, cancelled).ConfigureAwait(false);
            if (state is not (PassedTestNodeStateProperty or SkippedTestNodeStateProperty))
            {
                await report(cleanup, [state, timing]).ConfigureAwait(false);
                if (_hung)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private async Task<(TestNodeStateProperty State, TimingProperty Timing)> RunAsync(TestCase test, bool captures, CancellationToken cancelled)
    {
        var outcome = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new StringWriter();
        var thread = new Thread(() =>
        {
            try
            {
                test.Invoke();
                outcome.SetResult(null);
            }
            catch (Exception thrown)
            {
                outcome.SetResult(thrown);
            }
        })
        {
            IsBackground = true,
            Name = test.Uid,
        };

        // never disposed: a loop that the test left running may still write to it
        TextWriter captured = TextWriter.Synchronized(output);
        string Written()
        {
            // the lock that the synchronized writer takes itself
            lock (captured)
            {
                return output.ToString();
            }
        }

        if (captures)
        {
            Console.SetOut(captured);
        }

        DateTimeOffset start = DateTimeOffset.UtcNow;
        long ticks = Stopwatch.GetTimestamp();
        TestNodeStateProperty state;
        try
        {
            thread.Start();
            TimeSpan limit = Debugger.IsAttached ? Timeout.InfiniteTimeSpan : options.Timeout;
            Exception? thrown = await outcome.Task.WaitAsync(limit, cancelled).ConfigureAwait(false);
            state = thrown switch
            {
                null => PassedTestNodeStateProperty.CachedInstance,
                SkipTestException skip => new SkippedTestNodeStateProperty(string.IsNullOrEmpty(skip.Message) ? "no reason given" : skip.Message),
                _ => Failed(TestFailure.Of(thrown, test, Written())),
            };
        }
        catch (TimeoutException)
        {
            state = Failed(TestFailure.Hung(test, options.Timeout, Written()));
            _hung = true;
        }
        finally
        {
            if (captures)
            {
                Console.SetOut(_console);
            }
        }

        TimeSpan duration = Stopwatch.GetElapsedTime(ticks);
        return (state, new TimingProperty(new TimingInfo(start, start + duration, duration)));
    }

    private static FailedTestNodeStateProperty Failed(TestFailure failure) => new(failure, failure.Message);

    private static TestNode Node(TestCase test, IProperty[] properties) => new()
    {
        Uid = test.Uid,
        DisplayName = test.DisplayName,
        Properties = new PropertyBag(
        [
            .. properties,
            new TestMethodIdentifierProperty(
                test.Method.Module.Assembly.FullName!,
                test.Method.DeclaringType!.Namespace ?? "",
                test.Method.DeclaringType.Name,
                test.Method.Name,
                test.Method.GetGenericArguments().Length,
                [.. test.Method.GetParameters().Select(parameter => parameter.ParameterType.FullName!)],
                test.Method.ReturnType.FullName!),
        ]),
    };
}
