// System.Device.Adc over board.Adc: 20 logical channels, 12 bit, single-ended.

using Firmware.Simulator.Board;

namespace System.Device.Adc;

/// <summary>How a channel measures.</summary>
public enum AdcChannelMode
{
    /// <summary>Against ground.</summary>
    SingleEnded = 0,

    /// <summary>Against another channel; the ESP32 cannot.</summary>
    Differential = 1,
}

/// <summary>Base of the controller.</summary>
public abstract class AdcControllerBase
{
    /// <summary>Number of channels.</summary>
    public abstract int ChannelCount { get; }

    /// <summary>How channels measure.</summary>
    public abstract AdcChannelMode ChannelMode { get; set; }

    /// <summary>Largest value.</summary>
    public abstract int MaxValue { get; }

    /// <summary>Smallest value.</summary>
    public abstract int MinValue { get; }

    /// <summary>Resolution in bits.</summary>
    public abstract int ResolutionInBits { get; }

    /// <summary>Whether a mode is possible.</summary>
    /// <param name="channelMode">The mode.</param>
    /// <returns>True if it is.</returns>
    public abstract bool IsChannelModeSupported(AdcChannelMode channelMode);

    /// <summary>Opens a channel.</summary>
    /// <param name="channelNumber">Its number.</param>
    /// <returns>The channel.</returns>
    public abstract AdcChannel OpenChannel(int channelNumber);
}

/// <summary>The analogue to digital converter.</summary>
public class AdcController : AdcControllerBase
{
    /// <summary>Makes a controller for the calling thread's board.</summary>
    public AdcController()
    {
        _ = Boot.Current;
    }

    /// <inheritdoc/>
    public override int ChannelCount => VirtualAdc.ChannelCount;

    /// <inheritdoc/>
    public override AdcChannelMode ChannelMode { get; set; }

    /// <inheritdoc/>
    public override int MaxValue => VirtualAdc.FullScale;

    /// <inheritdoc/>
    public override int MinValue => 0;

    /// <inheritdoc/>
    public override int ResolutionInBits => 12;

    /// <inheritdoc/>
    public override bool IsChannelModeSupported(AdcChannelMode channelMode) => channelMode == AdcChannelMode.SingleEnded;

    /// <summary>Opens a channel.</summary>
    /// <param name="channelNumber">0 to 19: ADC1's channels from 0, ADC2's from 10.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="ArgumentException">There is no such channel.</exception>
    public override AdcChannel OpenChannel(int channelNumber)
    {
        Boot boot = Boot.Current;
        if (channelNumber is < 0 or >= VirtualAdc.ChannelCount)
        {
            throw new ArgumentException($"no such ADC channel: {channelNumber}", nameof(channelNumber));
        }

        return new AdcChannel(this, boot, channelNumber);
    }
}

/// <summary>Base of a channel.</summary>
public abstract class AdcChannelBase
{
    /// <summary>Makes the base.</summary>
    protected AdcChannelBase()
    {
    }

    /// <summary>The controller that opened the channel.</summary>
    public AdcController Controller { get; private protected init; } = null!;

    /// <summary>Measures.</summary>
    /// <returns>The value as a part of the largest, 0 to 1.</returns>
    public double ReadRatio() => ReadValue() / (double)Controller.MaxValue;

    /// <summary>Measures.</summary>
    /// <returns>The raw value.</returns>
    public abstract int ReadValue();
}

/// <summary>An open channel.</summary>
public class AdcChannel : AdcChannelBase, IDisposable
{
    private readonly Boot _boot;
    private readonly int _channel;
    private bool _disposed;

    internal AdcChannel(AdcController controller, Boot boot, int channel)
    {
        Controller = controller;
        _boot = boot;
        _channel = channel;
    }

    /// <summary>Measures.</summary>
    /// <returns>0 to 4095.</returns>
    /// <exception cref="ObjectDisposedException">The channel is closed.</exception>
    public override int ReadValue()
    {
        _boot.ThrowIfDead();
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _boot.Board.Adc.Read(_channel);
    }

    /// <summary>Closes the channel.</summary>
    public void Dispose()
    {
        _disposed = true;
        GC.SuppressFinalize(this);
    }
}
