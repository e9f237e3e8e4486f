using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>
/// Gives the members of an archive names that are safe within one folder: no path leaves it, long names are shortened, and equal ones get different names.
/// Members that cannot have one are listed as rejected.
/// </summary>
internal sealed class ArchiveNames
{
    // File systems allow 255 bytes; a temporary file's name is longer.
    private const int MaxBytes = 200;

    private readonly Dictionary<(string Folder, string Name), int> _taken = [];
    private readonly ImmutableArray<Rejected>.Builder _rejected = ImmutableArray.CreateBuilder<Rejected>();

    /// <summary>The rejected members, in the order of the archive.</summary>
    public ImmutableArray<Rejected> Rejected => _rejected.ToImmutable();

    /// <summary>Lists a member as rejected.</summary>
    /// <param name="number">Number of the member.</param>
    /// <param name="path">Path in the archive.</param>
    /// <param name="reason">The reason as a clause.</param>
    public void Reject(long number, string path, string reason) => _rejected.Add(new Rejected(number, path, reason));

    /// <summary>Finds class, folder and name of an image at …/class/image; null for other files and for rejected ones.</summary>
    /// <param name="number">Number of the member.</param>
    /// <param name="path">Path in the archive, with slashes of either kind.</param>
    public (string Class, string Folder, string Name)? PlaceMember(long number, string path)
    {
        var parts = path.Split('/', '\\');
        if (parts.Contains("__MACOSX") || !DataSetReader.IsImageFile(parts[^1].Replace("\0", "", StringComparison.Ordinal)))
        {
            return null;
        }

        if (parts.Contains(".."))
        {
            Reject(number, path, "its path leaves the archive");
            return null;
        }

        parts = [.. parts.Where(p => p is not ("" or "."))];
        if (parts.Length >= 2)
        {
            return Place(number, path, ComposedNames.Compose(parts[^2]), parts[^1]);
        }

        Reject(number, path, "it is in no folder that names its class");
        return null;
    }

    /// <summary>Finds folder and name of an image of a class; null for a rejected one.</summary>
    /// <param name="number">Number of the image.</param>
    /// <param name="path">Path of the image, for the list of rejected ones.</param>
    /// <param name="className">Name of the class.</param>
    /// <param name="file">File name.</param>
    public (string Class, string Folder, string Name)? Place(long number, string path, string className, string file)
    {
        var folder = Shorten(className.Replace('/', '_').Replace('\\', '_'), "");
        var name = Path.GetFileName(file);
        if ($"{folder}/{name}".Any(char.IsControl))
        {
            Reject(number, path, "its name has a control character");
            return null;
        }

        if (folder is "" or "." or ".." || name is "" or "." or "..")
        {
            Reject(number, path, "its name or that of its class cannot be a file name");
            return null;
        }

        return (className, folder, Unique(folder, Shorten(Path.GetFileNameWithoutExtension(name), Path.GetExtension(name))));
    }

    // train/cat/1.png and val/cat/1.png are two images of class cat: 1.png, _1.png, __1.png, and from the fourth on _3_1.png.
    private string Unique(string folder, string name)
    {
        var unique = name;
        while (!_taken.TryAdd((folder, unique), 0))
        {
            var count = ++_taken[(folder, name)];
            unique = count <= 2 ? $"{new string('_', count)}{name}" : string.Create(CultureInfo.InvariantCulture, $"_{count}_{name}");
        }

        return unique;
    }

    // The end of a hash of the whole name keeps two long names apart.
    private static string Shorten(string stem, string extension)
    {
        var bytes = Encoding.UTF8.GetByteCount(stem + extension);
        if (bytes <= MaxBytes)
        {
            return stem + extension;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stem + extension)))[..12];
        var end = extension.Length <= 10 ? extension : "";
        var start = new StringBuilder();
        foreach (var rune in stem.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(start.ToString()) + rune.Utf8SequenceLength > MaxBytes - 40)
            {
                break;
            }

            start.Append(rune.ToString());
        }

        return $"{start}~{hash}{end}";
    }
}
