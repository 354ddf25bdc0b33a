// System.SpanByte of nanoFramework's mscorlib: a view of a byte array, used by I2C. .NET has Span<byte> instead.

namespace System;

/// <summary>A view of a part of a byte array.</summary>
public readonly ref struct SpanByte
{
    private readonly byte[]? _array;
    private readonly int _start;
    private readonly int _length;

    /// <summary>A view of a whole array.</summary>
    /// <param name="array">The array; null gives the empty view.</param>
    public SpanByte(byte[]? array)
    {
        _array = array;
        _start = 0;
        _length = array?.Length ?? 0;
    }

    /// <summary>A view of a part of an array.</summary>
    /// <param name="array">The array; null only with start and length 0.</param>
    /// <param name="start">Index of the first byte.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the array.</exception>
    public SpanByte(byte[]? array, int start, int length)
    {
        int size = array?.Length ?? 0;
        if (start < 0 || length < 0 || start > size - length)
        {
            throw new ArgumentOutOfRangeException(nameof(start));
        }

        _array = array;
        _start = start;
        _length = length;
    }

    /// <summary>The view of nothing.</summary>
    public static SpanByte Empty => default;

    /// <summary>Number of bytes.</summary>
    public int Length => _length;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>A byte of the view.</summary>
    /// <param name="index">From 0 to <see cref="Length"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Outside the view.</exception>
    public byte this[int index]
    {
        get => _array![Check(index)];
        set => _array![Check(index)] = value;
    }

    /// <summary>A view of a whole array.</summary>
    /// <param name="array">The array; null gives the empty view.</param>
    public static implicit operator SpanByte(byte[]? array) => new(array);

    /// <summary>Copies all bytes to another view.</summary>
    /// <param name="destination">At least as long; overlapping is fine.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(SpanByte destination)
    {
        if (_length > destination._length)
        {
            throw new ArgumentException("the destination is too short", nameof(destination));
        }

        AsSpan().CopyTo(destination.AsSpan());
    }

    /// <summary>The rest of the view.</summary>
    /// <param name="start">Index of its first byte.</param>
    /// <returns>The part.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Outside the view.</exception>
    public SpanByte Slice(int start) => Slice(start, _length - start);

    /// <summary>A part of the view.</summary>
    /// <param name="start">Index of its first byte.</param>
    /// <param name="length">Number of bytes.</param>
    /// <returns>The part.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Outside the view.</exception>
    public SpanByte Slice(int start, int length)
    {
        if (start < 0 || length < 0 || start > _length - length)
        {
            throw new ArgumentOutOfRangeException(nameof(start));
        }

        return new SpanByte(_array, _start + start, length);
    }

    /// <summary>Copies the bytes to a new array.</summary>
    /// <returns>The array.</returns>
    public byte[] ToArray() => AsSpan().ToArray();

    internal Span<byte> AsSpan() => new(_array, _start, _length);

    private int Check(int index)
    {
        if ((uint)index >= (uint)_length)
        {
            throw new ArgumentOutOfRangeException(nameof(index));
        }

        return _start + index;
    }
}
