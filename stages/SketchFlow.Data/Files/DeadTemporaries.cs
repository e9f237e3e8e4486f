using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace SketchFlow.Data.Files;

/// <summary>Names temporary files and folders by their process, and deletes those whose processes ended before they could rename or delete them.</summary>
public static partial class DeadTemporaries
{
    // Process numbers mean nothing on another machine or in another container, which may share the folder.
    private static readonly string _machine =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Environment.MachineName)))[..8];

    private const string FolderPrefix = "sketchflow-";

    private static int _names;

    /// <summary>Returns a new name for the temporary file or folder in which this process writes a file or folder; threads never share one.</summary>
    /// <param name="path">The file or folder.</param>
    public static string NameFor(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{_machine}-{Interlocked.Increment(ref _names)}.tmp");

    /// <summary>Creates a folder for temporary files of this process that belong to no other file; only its user can read it.</summary>
    /// <param name="use">Name of the use, which is part of the folder's name.</param>
    /// <returns>Path of the folder, in the system's folder of temporary files. The caller deletes it.</returns>
    public static string CreateFolder(string use)
    {
        // Random, so that no other user of the system can create it first.
        var path = NameFor(Path.Combine(Path.GetTempPath(), $"{FolderPrefix}{use}-{Guid.NewGuid():N}"));
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    /// <summary>Deletes the folders of <see cref="CreateFolder"/> whose processes have ended.</summary>
    /// <returns>Number of folders that were deleted.</returns>
    public static int DeleteFolders() => Delete(Path.GetTempPath(), below: false, $"{FolderPrefix}*.tmp");

    /// <summary>Deletes the files and folders of processes of this machine that have ended.</summary>
    /// <param name="folder">The folder; it may be missing.</param>
    /// <param name="below">Whether all folders below it are searched too.</param>
    /// <returns>Number of files and folders that were deleted.</returns>
    public static int Delete(string folder, bool below = true) => Delete(folder, below, "*.tmp");

    private static int Delete(string folder, bool below, string pattern)
    {
        if (!Directory.Exists(folder))
        {
            return 0;
        }

        var deleted = 0;
        var search = new EnumerationOptions { RecurseSubdirectories = below, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in Directory.EnumerateFileSystemEntries(folder, pattern, search).ToList())
        {
            if (Owner().Match(file) is { Success: true } name && name.Groups["machine"].Value == _machine && !IsAlive(name.Groups["process"].ValueSpan))
            {
                try
                {
                    if (Directory.Exists(file))
                    {
                        Directory.Delete(file, recursive: true);
                    }
                    else
                    {
                        File.Delete(file);
                    }

                    deleted++;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // The folder cannot be written; a command that needs to write there reports it.
                }
            }
        }

        return deleted;
    }

    private static bool IsAlive(ReadOnlySpan<char> process)
    {
        try
        {
            using var found = System.Diagnostics.Process.GetProcessById(int.Parse(process, CultureInfo.InvariantCulture));
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or OverflowException)
        {
            return true;
        }
    }

    [GeneratedRegex(@"\.(?<process>[0-9]{1,9})-(?<machine>[0-9a-f]{8})(-[0-9]+)?\.tmp$", RegexOptions.ExplicitCapture)]
    private static partial Regex Owner();
}
