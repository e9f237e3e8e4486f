namespace SketchFlow.Learning.Weights.Hub;

/// <summary>The lock on a blob of the cache that Python's tools hold while they write it (flock on <c>.locks/…/ETAG.lock</c>).</summary>
internal static class BlobLock
{
    private const int RetryMilliseconds = 200;

    /// <summary>Acquires the lock; disposing the result releases it.</summary>
    /// <param name="path">Path of the lock file.</param>
    /// <param name="waiting">Called once if another process holds the lock.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<IDisposable> Acquire(string path, Action waiting, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var tries = 0; ; tries++)
        {
            try
            {
                // .NET calls flock(LOCK_EX) for a file opened without sharing.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (tries == 0)
                {
                    waiting();
                }

                await Task.Delay(RetryMilliseconds, cancellation).ConfigureAwait(false);
            }
        }
    }
}
