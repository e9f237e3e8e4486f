using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs;

/// <summary>A run is trained by one process at a time. The lock is the operating system's (<c>flock</c>) and ends with the process, however that ends.</summary>
public sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <summary>Takes the run; its folder is made when it is missing.</summary>
    /// <exception cref="RefusalException">Another process trains it.</exception>
    public static RunLock Take(RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(run);
        Directory.CreateDirectory(run.Folder);
        try
        {
            return new RunLock(new FileStream(Path.Combine(run.Folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new RefusalException($"Another process trains the run {run.Name}; wait for it, or choose another --run.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
