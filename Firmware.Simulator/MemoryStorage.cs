// The device's files in memory, so that weeks of wear cost nothing, and with the one fault that flash has for firmware: the power goes while a file
// is written. Left out: blocks, wear and the time that flash takes.

using Firmware.Simulator.Board;

namespace Firmware.Simulator;

/// <summary>What a write that was cut short leaves of its file.</summary>
public enum TornFile
{
    /// <summary>The old content, as a file system gives that commits at the end.</summary>
    Old = 0,

    /// <summary>The new bytes until the cut.</summary>
    Prefix,

    /// <summary>The new bytes until the cut, then erased flash (0xFF) up to the new length.</summary>
    PrefixAndErased,

    /// <summary>The new bytes until the cut, then what the old file had there.</summary>
    PrefixAndOld,
}

/// <summary>A power cut inside a write.</summary>
/// <param name="AfterBytes">How many new bytes reached the file; no more than it writes.</param>
/// <param name="Leaves">What the file is then.</param>
public sealed record WriteCut(int AfterBytes, TornFile Leaves);

/// <summary>A <see cref="Storage"/> in memory. It outlives boots. For one thread; firmware without power cannot use it.</summary>
/// <param name="cutPower">Cuts the power of the board that writes, when <see cref="NextWrite"/> says so.</param>
public sealed class MemoryStorage(Action cutPower) : Storage("memory:/")
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>The fault that the next write meets; taken back by it. Null: none.</summary>
    public WriteCut? NextWrite { get; set; }

    /// <summary>Called before each write, with the file's name and new content: wear is counted and faults are set here.</summary>
    public Action<string, ReadOnlyMemory<byte>>? Writing { get; set; }

    /// <summary>Called after each write that was not cut short, with the file's name.</summary>
    public Action<string>? Written { get; set; }

    /// <summary>Writes so far, also those that were cut short.</summary>
    public long Writes { get; private set; }

    /// <summary>Bytes that reached files so far.</summary>
    public long BytesWritten { get; private set; }

    /// <inheritdoc/>
    public override bool Exists(string name)
    {
        CheckPower();
        return _files.ContainsKey(name);
    }

    /// <inheritdoc/>
    public override byte[] Read(string name) => [.. Find(name)];

    /// <inheritdoc/>
    public override int Read(string name, byte[] buffer, int offset, int max)
    {
        byte[] file = Find(name);
        int length = Math.Min(max, file.Length);
        file.AsSpan(0, length).CopyTo(buffer.AsSpan(offset));
        return length;
    }

    /// <inheritdoc/>
    public override void Write(string name, byte[] buffer, int offset, int length)
    {
        CheckPower();
        Writing?.Invoke(name, buffer.AsMemory(offset, length));
        ReadOnlySpan<byte> content = buffer.AsSpan(offset, length);
        Writes++;
        if (NextWrite is not { } cut)
        {
            _files[name] = content.ToArray();
            BytesWritten += length;
            Written?.Invoke(name);
            return;
        }

        NextWrite = null;
        int written = Math.Min(cut.AfterBytes, length);
        BytesWritten += written;
        _files[name] = Torn(cut.Leaves, _files.GetValueOrDefault(name, []), content, written);
        cutPower();
        CheckPower();
        throw new IOException($"the power was cut while {FullName(name)} was written");
    }

    /// <inheritdoc/>
    public override void Delete(string name)
    {
        CheckPower();
        _files.Remove(name);
    }

    /// <summary>Looks at a file from outside the board.</summary>
    /// <param name="name">The name without the root.</param>
    /// <returns>Its bytes; none if it is not there.</returns>
    public ReadOnlyMemory<byte> Peek(string name) => _files.GetValueOrDefault(name, []);

    /// <summary>Changes a file from outside the board: what happens to flash behind the firmware's back.</summary>
    /// <param name="name">The name without the root.</param>
    /// <param name="content">The new bytes.</param>
    public void Put(string name, byte[] content) => _files[name] = content;

    private static byte[] Torn(TornFile leaves, byte[] old, ReadOnlySpan<byte> content, int written) => leaves switch
    {
        TornFile.Old => old,
        TornFile.Prefix => content[..written].ToArray(),
        TornFile.PrefixAndErased => [.. content[..written], .. Enumerable.Repeat((byte)0xFF, content.Length - written)],
        TornFile.PrefixAndOld => [.. content[..written], .. old.AsSpan(Math.Min(written, old.Length))],
        _ => throw new ArgumentOutOfRangeException(nameof(leaves)),
    };

    private static void CheckPower()
    {
        if (VirtualBoard.OfThisThread is not null)
        {
            _ = VirtualBoard.Current;
        }
    }

    private byte[] Find(string name)
    {
        CheckPower();
        return _files.TryGetValue(name, out byte[]? file) ? file : throw new FileNotFoundException("no such file", FullName(name));
    }
}
