using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.TensorFiles;

/// <summary>
/// A file mapped read-only into memory. Pages are released after they are copied, so that reading a file of N bytes does not add N bytes to
/// the resident memory of the process.
/// </summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    /// <summary>Number of bytes copied between two releases of pages: large enough that the calls cost nothing, small compared with any model.</summary>
    private const int ReleaseInterval = 8 << 20;

    private const int MadviseDontNeed = 4; // MADV_DONTNEED in <sys/mman.h>: pages of a mapped file are dropped and read again on the next access

    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _page;
    private readonly byte* _first;
    private readonly Lock _lock = new();
    private long _copied;

    /// <summary>Maps a file.</summary>
    /// <exception cref="RefusalException">The file cannot be opened.</exception>
    public MappedFile(string path)
    {
        Path = path;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            Length = stream.Length;
            if (Length == 0)
            {
                return;
            }

            _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _page);
            _first = _page + _view.PointerOffset;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _view?.Dispose();
            _file?.Dispose();
            throw new RefusalException($"{path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Path of the file, as given by the caller.</summary>
    public string Path { get; }

    /// <summary>Length of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>Copies bytes, starting at <paramref name="offset"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range exceeds the file.</exception>
    public void Copy(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - destination.Length);
        while (!destination.IsEmpty)
        {
            var part = destination[..Math.Min(ReleaseInterval, destination.Length)];
            new ReadOnlySpan<byte>(_first + offset, part.Length).CopyTo(part);
            offset += part.Length;
            destination = destination[part.Length..];
            ReleasePages(part.Length);
        }
    }

    /// <summary>Reads one value at <paramref name="offset"/>.</summary>
    /// <typeparam name="T">Type of the value, little-endian.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">The value exceeds the file.</exception>
    public T Read<T>(long offset)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - sizeof(T));
        return Unsafe.ReadUnaligned<T>(_first + offset);
    }

    /// <summary>Copies bytes into a new array.</summary>
    public byte[] ReadBytes(long offset, int count)
    {
        var bytes = new byte[count];
        Copy(offset, bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_view is { } view && !view.SafeMemoryMappedViewHandle.IsClosed)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
        }

        _file?.Dispose();
    }

    private void ReleasePages(int bytes)
    {
        lock (_lock)
        {
            _copied += bytes;
            if (_copied >= ReleaseInterval && OperatingSystem.IsLinux())
            {
                _copied = 0;
                _ = madvise(_page, (nuint)(Length + (_first - _page)), MadviseDontNeed);
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int madvise(byte* address, nuint length, int advice);
}
