using System.Globalization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>Counts the members of an archive and the bytes that they unpack to, and refuses an archive that exceeds the options.</summary>
/// <param name="file">Path of the archive, for messages.</param>
/// <param name="options">The limits.</param>
internal sealed class ArchiveLimits(string file, PreparationOptions options)
{
    private long _members;
    private Int128 _bytes;

    /// <summary>Adds a member.</summary>
    /// <param name="bytes">Size of the member after unpacking.</param>
    /// <exception cref="RefusalException">The archive has too many members, or unpacks to too many bytes.</exception>
    public void Add(long bytes)
    {
        CheckCount(++_members);
        _bytes += Math.Max(0, bytes);
        if (_bytes > MaxBytes)
        {
            throw new RefusalException(string.Create(
                CultureInfo.InvariantCulture,
                $"{file} unpacks to more than {options.MaxGigabytes:0.###} GB; set another limit with --max-gigabytes if it is trusted."));
        }
    }

    /// <summary>Largest number of bytes that all members together may have.</summary>
    public long MaxBytes => (long)Math.Min(options.MaxGigabytes * 1e9, long.MaxValue / 2);

    /// <summary>Checks a number of members.</summary>
    /// <exception cref="RefusalException">The archive has too many members.</exception>
    public void CheckCount(long members)
    {
        if (members > options.MaxFiles)
        {
            throw new RefusalException($"{file} has more than {options.MaxFiles} members; set another limit with --max-files if it is trusted.");
        }
    }
}
