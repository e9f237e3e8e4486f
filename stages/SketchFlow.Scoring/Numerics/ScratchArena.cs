using System.Buffers;
using System.IO.MemoryMappedFiles;
using SketchFlow.Data.Machine;

namespace SketchFlow.Scoring.Numerics;

/// <summary>
/// Allocates large arrays: in memory up to a budget, and beyond it in scratch files that are mapped into memory, whose pages the operating system
/// loads and stores as they are used. Results computed from them are bit-identical.
/// </summary>
/// <remarks>Thread-safe. Arrays must not be used after their arena was disposed; an arena that is never disposed ends with the process.</remarks>
public sealed class ScratchArena : IDisposable
{
    private readonly ScratchArena? _parent;
    private readonly List<IDisposable> _mapped = [];
    private readonly Lock _lock = new();
    private long _used;
    private long _inMemory;

    /// <summary>Creates an arena.</summary>
    /// <param name="budget">Total bytes that may be allocated in memory; 0 maps everything.</param>
    /// <param name="folder">Folder of the scratch files; each is unlinked as soon as it is mapped, so that nothing is left behind.</param>
    public ScratchArena(long budget, string folder)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (Budget, Folder) = (budget, folder);
    }

    private ScratchArena(ScratchArena parent)
        : this(parent.Budget, parent.Folder) => _parent = parent;

    /// <summary>An arena that allocates everything in memory.</summary>
    public static ScratchArena Memory { get; } = new(long.MaxValue, Path.GetTempPath());

    /// <summary>Half of the memory available to the process, in bytes.</summary>
    public static long HalfOfMemory => SystemMemory.LimitBytes / 2;

    /// <summary>Bytes that may be allocated in memory.</summary>
    public long Budget { get; }

    /// <summary>Folder of the scratch files.</summary>
    public string Folder { get; }

    /// <summary>Bytes in scratch files.</summary>
    public long MappedBytes { get; private set; }

    /// <summary>Creates an arena for temporary arrays within this budget; disposing it returns its share.</summary>
    public ScratchArena CreateChild() => new(this);

    /// <summary>Allocates numbers: zeros if they are mapped, uninitialised if they are in memory.</summary>
    /// <exception cref="IOException">The scratch file cannot be created.</exception>
    public unsafe Memory<T> Allocate<T>(int length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var bytes = (long)length * sizeof(T);
        if (length == 0 || TryReserve(bytes))
        {
            return GC.AllocateUninitializedArray<T>(length);
        }

        var mapped = new MappedArray<T>(Folder, length);
        lock (_lock)
        {
            _mapped.Add(mapped);
            MappedBytes += bytes;
        }

        return mapped.Memory;
    }

    /// <summary>Unmaps the scratch files and returns the share of the budget.</summary>
    public void Dispose()
    {
        if (ReferenceEquals(this, Memory))
        {
            return;
        }

        lock (_lock)
        {
            _mapped.ForEach(m => m.Dispose());
            _mapped.Clear();
        }

        for (var arena = _parent; arena is not null; arena = arena._parent)
        {
            Interlocked.Add(ref arena._used, -_inMemory);
        }

        _inMemory = 0;
    }

    private bool TryReserve(long bytes)
    {
        // The outermost arena keeps the account.
        var root = this;
        while (root._parent is { } parent)
        {
            root = parent;
        }

        if (root.Budget == long.MaxValue)
        {
            return true;
        }

        if (Interlocked.Add(ref root._used, bytes) > root.Budget)
        {
            Interlocked.Add(ref root._used, -bytes);
            return false;
        }

        Interlocked.Add(ref _inMemory, bytes);
        return true;
    }

    /// <summary>Numbers in a mapped scratch file that is already unlinked.</summary>
    private sealed unsafe class MappedArray<T> : MemoryManager<T>
        where T : unmanaged
    {
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;
        private readonly int _length;
        private byte* _start;

        public MappedArray(string folder, int length)
        {
            _length = length;
            Directory.CreateDirectory(folder);
            var path = Path.Combine(folder, $"sketchflow-{Environment.ProcessId}-{Guid.NewGuid():N}.scratch");
            var stream = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 1);
            try
            {
                stream.SetLength((long)length * sizeof(T));
                _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
                _view = _file.CreateViewAccessor();
            }
            finally
            {
                File.Delete(path);
            }

            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
            _start += _view.PointerOffset;
        }

        public override Span<T> GetSpan()
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return new(_start, _length);
        }

        public override MemoryHandle Pin(int elementIndex = 0) => new((T*)_start + elementIndex, pinnable: this);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
            if (_start is null)
            {
                return;
            }

            _start = null;
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
