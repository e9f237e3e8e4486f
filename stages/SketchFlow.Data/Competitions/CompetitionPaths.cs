using System.Text;
using SketchFlow.Data.Encodings;

namespace SketchFlow.Data.Competitions;

/// <summary>
/// Finds the images that a table names, below <c>train/</c> or <c>test/</c> and never outside. Paths may start with that folder, with <c>./</c>, with the name
/// of the data set's folder, or be absolute within it.
/// </summary>
/// <param name="root">Folder of the data set.</param>
/// <param name="split">Folder of the images, such as <c>train</c> or <c>images/train</c>; empty for the data set's folder itself.</param>
internal sealed class CompetitionPaths(string root, string split)
{
    private readonly string _folder = Path.Combine(root, split);
    private readonly string _real = RealPath(root);
    private readonly string _name = split.Length == 0 ? "the data set's folder" : split + "/";

    /// <summary>Finds an image.</summary>
    /// <param name="path">Path as the table writes it.</param>
    /// <param name="file">Path on this machine; empty for a path with a fault.</param>
    /// <returns>The fault of the path; null for a good one.</returns>
    public string? Find(string path, out string file)
    {
        file = "";
        if (path.Length == 0)
        {
            return "no image path";
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return "the image path has a null character";
        }

        var slashed = path.Replace('\\', '/');
        var found = slashed[0] == '/' || (slashed.Length > 1 && slashed[1] == ':') ? FromRoot(slashed) : FromSplit(SkipDots(slashed));
        if (found is null)
        {
            return $"the image path is absolute, and paths are relative to {_name}";
        }

        if (!found.StartsWith(_folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return $"the image path leaves {_name}";
        }

        file = InEitherForm(found);
        return null;
    }

    /// <summary>Resolves a path that starts at the split, or with the name of the split's or the data set's folder.</summary>
    private string FromSplit(string path)
    {
        var (usual, named) = (Path.GetFullPath(Path.Combine(_folder, path)), Path.GetFileName(root) + "/");
        var inner = path.StartsWith(named + split + "/", StringComparison.Ordinal) ? path[named.Length..] : path;
        return split.Length > 0 && inner.StartsWith(split + "/", StringComparison.Ordinal) && !Exists(usual)
            ? Path.GetFullPath(Path.Combine(root, inner))
            : usual;
    }

    /// <summary>Resolves an absolute path; null for one outside the data set's folder.</summary>
    private string? FromRoot(string path)
    {
        var (slashed, real) = (root.Replace('\\', '/').TrimEnd('/') + "/", _real.Replace('\\', '/').TrimEnd('/') + "/");
        return path.StartsWith(slashed, StringComparison.Ordinal) ? Path.GetFullPath(Path.Combine(root, path[slashed.Length..].TrimStart('/')))
            : path.StartsWith(real, StringComparison.Ordinal) ? Path.GetFullPath(Path.Combine(root, path[real.Length..].TrimStart('/')))
            : null;
    }

    private static string SkipDots(string path)
    {
        while (path.StartsWith("./", StringComparison.Ordinal))
        {
            path = path[2..].TrimStart('/');
        }

        return path;
    }

    // A table and a disk may write one name in different forms. ASCII paths, nearly all, need no look at the disk.
    private static string InEitherForm(string file)
    {
        if (Ascii.IsValid(file) || Exists(file))
        {
            return file;
        }

        return ((string[])[ComposedNames.Compose(file), ComposedNames.Decompose(file)]).FirstOrDefault(Exists) ?? file;
    }

    private static bool Exists(string file) => File.Exists(file);

    private static string RealPath(string folder)
    {
        try
        {
            return new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder;
        }
        catch (IOException)
        {
            return folder;
        }
    }
}
