// What the user sees: one line for each thing that happens, as text or as JSON. Lines never mix, whatever thread they come from.

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Firmware.Simulator.Aws;

namespace Firmware.Simulator;

/// <summary>Writes lines to a text writer; thread-safe.</summary>
/// <param name="output">Where to.</param>
/// <param name="json">One JSON object a line instead of text.</param>
public sealed class Display(TextWriter output, bool json)
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();

    /// <summary>A line that the firmware printed on its serial console.</summary>
    /// <param name="line">The line.</param>
    public void Board(string line) => Event("board", line, new JsonObject { ["event"] = "console", ["line"] = line });

    /// <summary>What the board itself does: power, sleep, faults of the firmware.</summary>
    /// <param name="text">The line.</param>
    /// <param name="state">A word for it.</param>
    public void Power(string text, string state) => Event("power", text, new JsonObject { ["event"] = "power", ["state"] = state, ["line"] = text });

    /// <summary>A pin changed.</summary>
    /// <param name="gpio">Its number.</param>
    /// <param name="name">What is wired to it.</param>
    /// <param name="level">Its level.</param>
    /// <param name="dutyPercent">Its PWM duty, -1 without PWM.</param>
    public void Pin(int gpio, string name, bool level, int dutyPercent)
    {
        string state = dutyPercent >= 0 ? string.Create(CultureInfo.InvariantCulture, $"{dutyPercent} %") : level ? "HIGH" : "low";
        Event("pin", string.Create(CultureInfo.InvariantCulture, $"GPIO {gpio} {name}: {state}"), new JsonObject
        {
            ["event"] = "pin", ["gpio"] = gpio, ["name"] = name, ["level"] = level, ["dutyPercent"] = dutyPercent >= 0 ? dutyPercent : null,
        });
    }

    /// <summary>Something happened at the stand-in.</summary>
    /// <param name="happened">What.</param>
    public void Cloud(StandInEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        if (json)
        {
            JsonObject line = new() { ["source"] = "aws" };
            foreach ((string name, JsonNode? value) in JsonNode.Parse(happened.ToJson())!.AsObject())
            {
                // the stand-in's own "source" tells a client's message from a will
                line[name == "source" ? "origin" : name] = value?.DeepClone();
            }

            Write(line.ToJsonString(OneLine));
        }
        else
        {
            Event("aws", happened.Text, []);
        }
    }

    /// <summary>A word from the simulator: an answer to a typed command, a warning.</summary>
    /// <param name="text">The line.</param>
    public void Say(string text) => Event("sim", text, new JsonObject { ["event"] = "say", ["line"] = text });

    /// <summary>The introduction: lines without time; in JSON nothing.</summary>
    /// <param name="text">The lines.</param>
    public void Introduce(string text)
    {
        if (!json)
        {
            Write(text);
        }
    }

    /// <summary>Every door is open.</summary>
    /// <param name="text">The rest of the line that starts with <c>ready</c>.</param>
    /// <param name="facts">The same for JSON.</param>
    public void Ready(string text, JsonObject facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        facts["source"] = "sim";
        facts["event"] = "ready";
        Write(json ? facts.ToJsonString(OneLine) : "ready: " + text);
    }

    private void Event(string source, string text, JsonObject facts)
    {
        DateTimeOffset now = DateTimeOffset.Now;
        if (json)
        {
            JsonObject line = new() { ["source"] = source, ["time"] = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) };
            foreach ((string name, JsonNode? value) in facts)
            {
                line[name] = value?.DeepClone();
            }

            Write(line.ToJsonString(OneLine));
        }
        else
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"{now:HH:mm:ss.f} {source,-5} | {text}"));
        }
    }

    private void Write(string line)
    {
        lock (_gate)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }
}
