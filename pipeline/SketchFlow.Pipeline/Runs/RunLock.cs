using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>Ensures that one process at a time trains a run. The lock is the operating system's (<c>flock</c>) and ends with the process.</summary>
public sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Acquires the lock of a run; creates its folder if necessary.</summary>
    /// <exception cref="RefusalException">Another process holds the lock.</exception>
    public static RunLock Acquire(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Directory.CreateDirectory(run.Folder);
        try
        {
            return new RunLock(new FileStream(Path.Combine(run.Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new RefusalException($"Another process is training the run {run.Name}; wait for it, or choose another --run.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
