using System.Security;
using SketchFlow.Data.Messages;

namespace SketchFlow.Data.Files;

/// <summary>Explains errors of the operating system in one sentence: a full or read-only disk, too few file handles, missing rights, removed files.</summary>
public static class SystemErrors
{
    // errno of Linux and macOS, which .NET uses as the code of an IOException; the codes of Windows where they differ.
    private const int NoSuchDevice = 6;
    private const int InputOutput = 5;
    private const int OutOfMemory = 12;
    private const int TooManyFilesInSystem = 23;
    private const int TooManyFiles = 24;
    private const int FileTooLarge = 27;
    private const int DiskFull = 28;
    private const int ReadOnly = 30;
    private const int QuotaExceeded = 122;
    private const int QuotaExceededOnMac = 69;
    private const int StaleHandle = 116;
    private const int WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Describes the first error of the operating system in a chain of causes.</summary>
    /// <param name="error">The exception.</param>
    /// <returns>A whole sentence with the cause and a remedy; null where the exception has another cause.</returns>
    public static string? Describe(Exception? error) => error switch
    {
        null => null,
        AggregateException many => many.InnerExceptions.Select(Describe).FirstOrDefault(sentence => sentence is not null),
        UnauthorizedAccessException or SecurityException =>
            DescribeCode(error.InnerException as IOException, error) ?? $"{Sentence(error)}; check the rights of the file and of its folder.",
        IOException io => DescribeCode(io, io) ?? DescribeMissing(io) ?? Describe(io.InnerException) ?? $"{Sentence(io)}.",
        _ => Describe(error.InnerException),
    };

    /// <summary>Returns the free bytes of the disk on which a path is or will be; null where they are unknown.</summary>
    public static long? FreeBytes(string path)
    {
        try
        {
            for (var at = Path.GetFullPath(path); at is not null; at = Path.GetDirectoryName(at))
            {
                if (Directory.Exists(at))
                {
                    return new DriveInfo(at).AvailableFreeSpace;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Some file systems do not tell.
        }

        return null;
    }

    private static string? DescribeCode(IOException? io, Exception error) => io?.HResult switch
    {
        DiskFull or WindowsDiskFull => $"The disk is full ({Sentence(error)}); free some space, or choose a folder on another disk, and run the command again.",
        QuotaExceeded or QuotaExceededOnMac => $"The disk quota is used up ({Sentence(error)}); free some space, and run the command again.",
        FileTooLarge => $"The file is too large for its disk or for the limit of this user ({Sentence(error)}).",
        ReadOnly => $"The file system is read-only ({Sentence(error)}); choose a folder that can be written, such as with --artifacts.",
        TooManyFiles or TooManyFilesInSystem =>
            $"Too many files are open ({Sentence(error)}); raise the limit with ulimit -n 1024, or lower the number of workers.",
        InputOutput or NoSuchDevice => $"The disk does not answer ({Sentence(error)}); check it and its connection.",
        StaleHandle => $"A file of a network drive is gone ({Sentence(error)}); mount the drive again, and run the command again.",
        OutOfMemory => $"The system has no memory left ({Sentence(error)}); end other programs, or use smaller batches.",
        _ => null,
    };

    private static string? DescribeMissing(IOException io) => io switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"{Sentence(io)}; it was removed, or its name is wrong.",
        PathTooLongException => $"{Sentence(io)}; use a shorter name.",
        _ => null,
    };

    private static string Sentence(Exception error) => PrintableText.Reason(error, 500);
}
