using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Files;

/// <summary>A lock of the operating system (<c>flock</c>) on a file. It ends with the process, so that a killed process leaves no lock behind.</summary>
/// <remarks>
/// The file itself is never deleted: if it were, a process could lock the deleted file while another one locks a new file of the same name. Python's
/// tools for the Hugging Face cache take the same lock.
/// </remarks>
public sealed class FileLock : IDisposable
{
    private const int RetryMilliseconds = 100;

    // EWOULDBLOCK on Linux and on macOS, and the sharing violation of Windows.
    private static readonly int[] _held = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Acquires a lock; returns null if it is held, by another process or by this one.</summary>
    /// <param name="path">The lock file, which is created if it does not exist.</param>
    /// <param name="shared">Whether others may hold the lock as well, if they also share it.</param>
    public static FileLock? TryAcquire(string path, bool shared = false)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            // .NET calls flock with LOCK_EX for a file that is opened without sharing, and with LOCK_SH for others.
            var (access, share) = shared ? (FileAccess.Read, FileShare.Read) : (FileAccess.ReadWrite, FileShare.None);
            return new FileLock(new FileStream(path, FileMode.OpenOrCreate, access, share, bufferSize: 1));
        }
        catch (IOException e) when (_held.Contains(e.HResult))
        {
            return null;
        }
    }

    /// <summary>Acquires an exclusive lock, and waits while it is held.</summary>
    /// <param name="path">The lock file, which is created if it does not exist.</param>
    /// <param name="waiting">Called once if the lock is held.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<FileLock> WaitAsync(string path, Action waiting, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        for (var tries = 0; ; tries++)
        {
            if (TryAcquire(path) is { } acquired)
            {
                return acquired;
            }

            if (tries == 0)
            {
                waiting();
            }

            await Task.Delay(RetryMilliseconds, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Acquires an exclusive lock that is held only for short times.</summary>
    /// <param name="path">The lock file, which is created if it does not exist.</param>
    /// <param name="limit">The longest time to wait.</param>
    /// <exception cref="RefusalException">The lock was held all that time.</exception>
    public static FileLock Wait(string path, TimeSpan limit)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(RetryMilliseconds))
        {
            if (TryAcquire(path) is { } acquired)
            {
                return acquired;
            }

            if (waited >= limit)
            {
                throw new RefusalException($"Another process has held {path} for {limit.TotalSeconds:0} seconds; end it, and try again.");
            }

            Thread.Sleep(RetryMilliseconds);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
