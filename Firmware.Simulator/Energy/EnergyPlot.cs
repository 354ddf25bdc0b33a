// The picture: charge per hour by phase, on the left, and days of life, on the right, for each design.

using System.Globalization;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Firmware.Simulator.Energy;

/// <summary>Draws the designs.</summary>
internal static class EnergyPlot
{
    private const double BarSize = 0.7;
    private const double SecondsPerHour = 3600;

    /// <summary>Writes a PNG.</summary>
    /// <param name="path">Where to; the folder is made.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="title">Above it.</param>
    /// <param name="cycles">The designs.</param>
    /// <param name="battery">Whose days are shown.</param>
    internal static void Save(string path, int width, int height, string title, IReadOnlyList<EnergyCycle> cycles, EnergyBattery battery)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        Multiplot both = new();
        both.AddPlots(2);
        both.Layout = new ScottPlot.MultiplotLayouts.Columns();
        Charge(both.GetPlot(0), title, cycles);
        Days(both.GetPlot(1), cycles, battery);
        both.SavePng(path, width, height);
    }

    // kept connected it is some hundred times as much, so that one bar would hide all others: it is cut off at twice the next one
    private static void Charge(Plot plot, string title, IReadOnlyList<EnergyCycle> cycles)
    {
        double limit = 2 * cycles.Where(c => c.RestName == "deep sleep").Max(c => c.AverageMilliamperes * SecondsPerHour);
        string[] names = [.. EnergyDesigns.PhaseNames, "rest"];
        Color[] colors = new ScottPlot.Palettes.Category20().GetColors(names.Length);
        List<Bar> bars = [];
        for (int i = 0; i < cycles.Count; i++)
        {
            double start = 0;
            for (int p = 0; p < names.Length; p++)
            {
                double charge = p < names.Length - 1 ? cycles[i].Of(names[p]) : cycles[i].RestMillicoulombs;
                double end = Math.Min(limit, start + (charge * SecondsPerHour / cycles[i].Seconds));
                bars.Add(new Bar { Position = cycles.Count - i, ValueBase = start, Value = end, FillColor = colors[p], Orientation = Orientation.Horizontal, Size = BarSize, LineWidth = 0 });
                start = end;
            }
        }

        plot.Add.Bars(bars);
        for (int p = 0; p < names.Length; p++)
        {
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = names[p], FillColor = colors[p] });
        }

        plot.ShowLegend(Alignment.LowerRight);
        plot.Title(title, 14);
        plot.XLabel("charge per hour, mC (bars end at the right edge)");
        plot.Axes.Left.TickGenerator = new NumericManual([.. cycles.Select((_, i) => (double)(cycles.Count - i))], [.. cycles.Select(c => c.Name)]);
        plot.Axes.SetLimits(0, limit, 0, cycles.Count + 1);
    }

    private static void Days(Plot plot, IReadOnlyList<EnergyCycle> cycles, EnergyBattery battery)
    {
        double[] days = [.. cycles.Select(c => battery.Days(c.AverageMilliamperes))];
        List<Bar> bars = [.. cycles.Select((c, i) => new Bar
        {
            Position = cycles.Count - i, Value = days[i], Orientation = Orientation.Horizontal, Size = BarSize, FillColor = Colors.SteelBlue, LineWidth = 0,
            Label = days[i].ToString("F0", CultureInfo.InvariantCulture),
        })];
        plot.Add.Bars(bars);
        plot.Title(string.Create(CultureInfo.InvariantCulture, $"days on {battery.MilliampereHours:F0} mAh"), 14);
        plot.XLabel(string.Create(CultureInfo.InvariantCulture, $"{battery.UsablePercent:F0} % usable, {battery.SelfDischargePercentPerMonth:0.#} % self discharge a month"));
        plot.Axes.Left.TickGenerator = new NumericManual([], []);
        plot.Axes.SetLimits(0, days.Max() * 1.2, 0, cycles.Count + 1);
    }
}
