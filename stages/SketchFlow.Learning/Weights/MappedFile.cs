using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights;

/// <summary>A file mapped into memory, read only. Pages that were copied out are given back, so that reading a file of N bytes does not add N bytes to the process.</summary>
internal sealed unsafe partial class MappedFile : IDisposable
{
    /// <summary>Bytes that are copied before the pages behind them are given back: large enough that the calls cost nothing, small beside any model.</summary>
    private const int Window = 8 << 20;

    private const int MadviseDontNeed = 4; // MADV_DONTNEED of <sys/mman.h>: on a file's mapping, pages are read again when touched again

    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _page;
    private readonly byte* _first;
    private readonly Lock _giving = new();
    private long _touched;

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

    /// <summary>Its path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Its length in bytes.</summary>
    public long Length { get; }

    /// <summary>Copies bytes from <paramref name="offset"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not all in the file.</exception>
    public void Copy(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - destination.Length);
        while (!destination.IsEmpty)
        {
            var part = destination[..Math.Min(Window, destination.Length)];
            new ReadOnlySpan<byte>(_first + offset, part.Length).CopyTo(part);
            offset += part.Length;
            destination = destination[part.Length..];
            GiveBack(part.Length);
        }
    }

    /// <summary>Copies bytes into an array of their own.</summary>
    public byte[] Bytes(long offset, int count)
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

    private void GiveBack(int bytes)
    {
        lock (_giving)
        {
            _touched += bytes;
            if (_touched >= Window && OperatingSystem.IsLinux())
            {
                _touched = 0;
                _ = madvise(_page, (nuint)(Length + (_first - _page)), MadviseDontNeed);
            }
        }
    }

    [LibraryImport("libc")]
    private static partial int madvise(byte* address, nuint length, int advice);
}
