// The commands that a user types while the simulation runs. They act on the virtual world, never on the firmware.

using System.Globalization;
using Firmware.Simulator.Board;

namespace Firmware.Simulator;

/// <summary>Turns typed lines into changes of the virtual world.</summary>
/// <param name="simulation">The world.</param>
/// <param name="display">Where answers go.</param>
public sealed class ConsoleCommands(Simulation simulation, Display display)
{
    /// <summary>What <c>help</c> prints.</summary>
    public const string Help =
        "button                press the doorbell\n" +
        "temperature 31        room temperature in degrees Celsius\n" +
        "humidity 60           relative humidity in percent\n" +
        "pressure 101325       air pressure in pascals\n" +
        "battery 3.6           battery in volts\n" +
        "sensor off|on         unplug the SHT3x, plug it in again\n" +
        "wifi off|on           the access point\n" +
        "broker off|on         the stand-in for AWS IoT Core\n" +
        "cut power             pull the plug: no goodbye, the last will appears\n" +
        "restore power         plug it in again\n" +
        "reset                 press the reset button\n" +
        "pins                  what every wired pin does\n" +
        "quit                  end in order: the board says goodbye";

    private const int PressMs = 200;

    /// <summary>Runs one line.</summary>
    /// <param name="line">What was typed.</param>
    /// <returns>False if the simulation shall end.</returns>
    public async Task<bool> RunAsync(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        string[] words = line.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        VirtualBoard board = simulation.Board;
        switch (words)
        {
            case []:
                break;
            case ["help" or "?"]:
                display.Say("commands:\n" + Help);
                break;
            case ["button"]:
                board.PressButton(simulation.Wiring.ButtonPin, PressMs);
                display.Say("the doorbell is pressed");
                break;
            case ["temperature", string value] when TryMilli(value, -40, 125, out int milliC):
                board.Environment.TemperatureMilliC = milliC;
                display.Say($"the room has {value} °C");
                break;
            case ["humidity", string value] when TryMilli(value, 0, 100, out int milliPercent):
                board.Environment.HumidityMilliPercent = milliPercent;
                display.Say($"the room has {value} % relative humidity");
                break;
            case ["pressure", string value] when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int pascals) && pascals is >= 30_000 and <= 110_000:
                board.Environment.PressurePa = pascals;
                display.Say($"the room has {value} Pa");
                break;
            case ["battery", string value] when TryMilli(value, 0, 6, out int milliVolts):
                board.Environment.BatteryMilliVolts = milliVolts;
                display.Say($"the battery has {value} V");
                break;
            case ["temperature", _]:
                display.Say("temperature takes -40 to 125 degrees Celsius, such as: temperature 31.5");
                break;
            case ["humidity", _]:
                display.Say("humidity takes 0 to 100 percent, such as: humidity 60");
                break;
            case ["pressure", _]:
                display.Say("pressure takes 30000 to 110000 pascals, such as: pressure 101325");
                break;
            case ["battery", _]:
                display.Say("battery takes 0 to 6 volts, such as: battery 3.6");
                break;
            case ["sensor", "off" or "on"]:
                board.I2c.SetFault(Firmware.Drivers.Sht3x.DefaultAddress, words[1] == "on" ? I2cFault.None : I2cFault.Missing);
                display.Say($"the SHT3x is {(words[1] == "on" ? "plugged in" : "unplugged")}");
                break;
            case ["wifi", "off" or "on"]:
                board.Wifi.AccessPointOn = words[1] == "on";
                display.Say($"the access point is {words[1]}");
                break;
            case ["broker", "off" or "on"]:
                display.Say(await simulation.SwitchBrokerAsync(words[1] == "on").ConfigureAwait(false));
                break;
            case ["cut", "power"]:
                board.CutPower();
                break;
            case ["restore", "power"]:
                if (board.State == BoardState.Off)
                {
                    board.RestorePower();
                }
                else
                {
                    display.Say("the board has power");
                }

                break;
            case ["reset"]:
                if (board.State == BoardState.Off)
                {
                    display.Say("the board has no power: type \"restore power\"");
                }
                else
                {
                    board.Reset();
                }

                break;
            case ["pins"]:
                simulation.ShowPins();
                break;
            case ["quit" or "exit"]:
                return false;
            default:
                display.Say($"unknown command \"{line.Trim()}\"; \"help\" lists all");
                break;
        }

        return true;
    }

    private static bool TryMilli(string text, int min, int max, out int milli)
    {
        milli = 0;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) || value < min || value > max)
        {
            return false;
        }

        milli = (int)(value * 1000);
        return true;
    }
}
