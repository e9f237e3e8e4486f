using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Ensures that one process at a time trains or replaces a run.</summary>
/// <remarks>
/// The lock files are in <c>.locks</c> next to the runs, so that the lock of a run stays in place while its folder is set aside. Folds of one run can be
/// trained by several processes: each shares the lock of the run and holds the lock of its fold alone.
/// </remarks>
public sealed class RunLock : IDisposable
{
    private readonly FileLock?[] _locks;

    private RunLock(params FileLock?[] locks) => _locks = locks;

    /// <summary>Acquires the lock of a run, which covers all its folds, or of a fold.</summary>
    /// <exception cref="RefusalException">Another process holds the lock.</exception>
    public static RunLock Acquire(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return TryAcquire(run) ?? throw InUse(run);
    }

    /// <summary>Acquires the lock of a run or of a fold; returns null if another process holds it.</summary>
    public static RunLock? TryAcquire(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (FileLock.TryAcquire(PathOf(run, run.Run), shared: run.Fold is not null) is not { } ofRun)
        {
            return null;
        }

        if (run.Fold is null)
        {
            return new RunLock(ofRun);
        }

        if (FileLock.TryAcquire(PathOf(run, run.Name)) is { } ofFold)
        {
            return new RunLock(ofRun, ofFold);
        }

        ofRun.Dispose();
        return null;
    }

    /// <summary>Acquires the lock of a fold for a process that holds the lock of the run.</summary>
    /// <exception cref="RefusalException">Another process holds the lock.</exception>
    public static RunLock AcquireFold(RunFolder fold)
    {
        ArgumentNullException.ThrowIfNull(fold);
        return FileLock.TryAcquire(PathOf(fold, fold.Name)) is { } acquired ? new RunLock(acquired) : throw InUse(fold);
    }

    /// <summary>Whether a process holds the lock of a run or of one of its folds.</summary>
    public static bool IsHeld(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!File.Exists(PathOf(run, run.Run)))
        {
            return false;
        }

        try
        {
            using var acquired = TryAcquire(run);
            return acquired is null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A lock that cannot be acquired, as on a read-only disk, is held by nobody that could write there.
            return false;
        }
    }

    /// <summary>Gets the lock file of a run or of a fold.</summary>
    public static string PathOf(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return PathOf(run, run.Name);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_locks, l => l?.Dispose());

    private static RefusalException InUse(RunFolder run) =>
        new($"Another process is training the run {run.Name}; wait for it, or choose another --run.");

    private static string PathOf(RunFolder run, string name)
    {
        var folder = run.Fold is null ? run.Folder : Path.GetDirectoryName(run.Folder)!;
        return Path.Combine(Path.GetDirectoryName(folder)!, Artifacts.LocksFolder, $"{name}.lock");
    }
}
