// The oracle of readings: what was saved must arrive, once, unless the firmware says that it pushed it out. It reads the payloads out of the bytes that
// reach the flash and out of the PUBLISH packets that reach the broker, and knows nothing of outbox and slots but that JSON stands in them as it is.

using System.Globalization;
using System.Text;

namespace Firmware.Simulator.Campaigns;

/// <summary>Follows the readings of one Thing by their number.</summary>
internal sealed class SleepReadings
{
    private readonly Dictionary<int, Reading> _readings = [];
    private readonly List<Reading> _acknowledgedUnsaved = [];
    private HashSet<int> _saved = [];
    private int _highest;

    /// <summary>Readings that were saved, and so accepted.</summary>
    internal long Accepted { get; private set; }

    internal long Arrived { get; private set; }

    internal long Repeated { get; private set; }

    internal long Dropped { get; private set; }

    /// <summary>How many readings wait in the flash.</summary>
    internal int Waiting => _saved.Count;

    /// <summary>A record is whole in the flash.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="dropped">How many messages the firmware has counted as pushed out since the last record.</param>
    /// <param name="mayBeInFlight">Whether the firmware has sent something in this boot: what is in flight is not pushed out, however old it is.</param>
    internal void Saved(ReadOnlySpan<byte> content, int dropped, bool mayBeInFlight)
    {
        HashSet<int> now = [];
        foreach ((int number, string payload) in Find(content))
        {
            Reading reading = Know(number, payload);
            if (!reading.IsAccepted)
            {
                reading.IsAccepted = true;
                Accepted++;
                if (number <= _highest)
                {
                    throw new CampaignViolation($"readings: number {number} was saved after {_highest}");
                }

                _highest = number;
            }

            now.Add(number);
        }

        int missing = 0;
        foreach (int number in _saved)
        {
            Reading reading = _readings[number];
            if (now.Contains(number) || reading.IsAcknowledged)
            {
                continue;
            }

            missing++;
            reading.IsDropped = true;
            if (!mayBeInFlight && now.Count > 0 && number > now.Min())
            {
                throw new CampaignViolation($"readings: {number} was pushed out, but {now.Min()} is older");
            }
        }

        if (missing > dropped)
        {
            throw new CampaignViolation($"readings: {missing} that were saved are gone without an acknowledgement, and the firmware counts {dropped} as pushed out");
        }

        Dropped += missing;
        _saved = now;
        _acknowledgedUnsaved.Clear();
    }

    /// <summary>The broker got a reading.</summary>
    /// <returns>Its number.</returns>
    internal int Arrive(string payload)
    {
        (int number, _) = Find(Encoding.UTF8.GetBytes(payload)).FirstOrDefault();
        if (number == 0)
        {
            throw new CampaignViolation("readings: one without a number: " + payload);
        }

        Reading reading = Know(number, payload);
        if (reading.Arrivals++ == 0)
        {
            Arrived++;
        }
        else if (!reading.MayRepeat)
        {
            throw new CampaignViolation($"readings: {number} came again, although its acknowledgement was taken and saved");
        }
        else
        {
            Repeated++;
        }

        reading.MayRepeat = true;
        return number;
    }

    /// <summary>The Thing has read the acknowledgement of a reading.</summary>
    internal void Acknowledge(int number)
    {
        Reading reading = _readings[number];
        reading.IsAcknowledged = true;
        reading.MayRepeat = false;
        _acknowledgedUnsaved.Add(reading);
    }

    /// <summary>The power is gone: what was acknowledged and not saved so may come again.</summary>
    internal void PowerCut()
    {
        foreach (Reading reading in _acknowledgedUnsaved)
        {
            reading.MayRepeat = true;
        }
    }

    /// <summary>The number of the last reading that was saved.</summary>
    internal int Highest => _highest;

    /// <summary>At the end, with everything in order again: nothing may be missing.</summary>
    /// <param name="last">The last number that has had its chance.</param>
    internal void CheckAllArrived(int last)
    {
        foreach ((int number, Reading reading) in _readings)
        {
            if (number <= last && reading is { IsAccepted: true, Arrivals: 0, IsDropped: false })
            {
                throw new CampaignViolation($"readings: {number} was accepted and never arrived");
            }
        }

        if (_saved.Count > 0 && _saved.Min() <= last)
        {
            throw new CampaignViolation($"readings: {_saved.Min()} still waits although everything is in order");
        }
    }

    /// <summary>Flat JSON objects with a member "n", in any bytes.</summary>
    private static List<(int Number, string Payload)> Find(ReadOnlySpan<byte> bytes)
    {
        List<(int, string)> found = [];
        int at = 0;
        for (int next = bytes.IndexOf("\"n\":"u8); next >= 0; next = bytes[at..].IndexOf("\"n\":"u8))
        {
            at += next;
            int start = bytes[..at].LastIndexOf((byte)'{');
            int end = at + bytes[at..].IndexOf((byte)'}') + 1;
            int digits = at + 4;
            int stop = digits;
            while (bytes[stop] is >= (byte)'0' and <= (byte)'9')
            {
                stop++;
            }

            found.Add((int.Parse(bytes[digits..stop], CultureInfo.InvariantCulture), Encoding.UTF8.GetString(bytes[start..end])));
            at = end;
        }

        return found;
    }

    private Reading Know(int number, string payload)
    {
        if (!_readings.TryGetValue(number, out Reading? reading))
        {
            _readings.Add(number, reading = new Reading(payload));
        }
        else if (reading.Payload != payload)
        {
            // what was neither saved nor sent before a power cut never was
            if (reading.IsAccepted || reading.Arrivals > 0)
            {
                throw new CampaignViolation($"readings: number {number} has two contents: {reading.Payload} and {payload}");
            }

            _readings[number] = reading = new Reading(payload);
        }

        return reading;
    }

    private sealed class Reading(string payload)
    {
        internal string Payload { get; } = payload;

        internal bool IsAccepted { get; set; }

        internal bool IsAcknowledged { get; set; }

        internal bool IsDropped { get; set; }

        internal bool MayRepeat { get; set; }

        internal int Arrivals { get; set; }
    }
}
