using System.Buffers;
using System.IO.MemoryMappedFiles;
using SketchFlow.Data.Machine;

namespace SketchFlow.Scoring.Numerics;

/// <summary>
/// Where large arrays live: in memory up to a budget, beyond it in scratch files that are mapped into memory, whose pages the system
/// brings in and writes out as they are used. What is computed from them is the same to the last bit.
/// </summary>
/// <remarks>Safe to share between threads. What a room gave must not be used after it was disposed of; a room that is never disposed of ends with the process.</remarks>
public sealed class ScratchArena : IDisposable
{
    private readonly ScratchArena? _parent;
    private readonly List<IDisposable> _mapped = [];
    private readonly Lock _lock = new();
    private long _used;
    private long _inMemory;

    /// <summary>A room of its own.</summary>
    /// <param name="budget">Bytes that may be taken in memory, all together; 0 maps everything.</param>
    /// <param name="folder">Where scratch files are made; they have no name there as soon as they are mapped, so that nothing stays behind.</param>
    public ScratchArena(long budget, string folder)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (Budget, Folder) = (budget, folder);
    }

    private ScratchArena(ScratchArena parent)
        : this(parent.Budget, parent.Folder) => _parent = parent;

    /// <summary>Everything in memory.</summary>
    public static ScratchArena Memory { get; } = new(long.MaxValue, Path.GetTempPath());

    /// <summary>Half of the memory that the process may have.</summary>
    public static long HalfOfMemory => SystemMemory.LimitBytes / 2;

    /// <summary>Bytes that may be taken in memory.</summary>
    public long Budget { get; }

    /// <summary>Where scratch files are made.</summary>
    public string Folder { get; }

    /// <summary>Bytes in scratch files so far.</summary>
    public long MappedBytes { get; private set; }

    /// <summary>A room within this one, for what is needed for a while; disposing of it gives its share of the budget back.</summary>
    public ScratchArena CreateChild() => new(this);

    /// <summary>Takes room for numbers, which are 0 where they are mapped and anything where they are not.</summary>
    /// <exception cref="IOException">The scratch file cannot be made.</exception>
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

    /// <summary>Gives up what was mapped, and the share of the budget.</summary>
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

        for (var room = _parent; room is not null; room = room._parent)
        {
            Interlocked.Add(ref room._used, -_inMemory);
        }

        _inMemory = 0;
    }

    private bool TryReserve(long bytes)
    {
        // The outermost room keeps the account.
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

    /// <summary>Numbers in a scratch file that is mapped and has no name any more.</summary>
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
