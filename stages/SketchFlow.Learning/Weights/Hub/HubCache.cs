using SketchFlow.Data.Files;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>
/// One repository in the cache of <c>huggingface_hub</c>, with the layout of its "Understand caching" page, so that Python's tools find files
/// downloaded here and vice versa: <c>models--timm--NAME/</c> with <c>refs/main</c> (a commit), <c>blobs/ETAG</c> (the bytes) and
/// <c>snapshots/COMMIT/FILE</c> (a link to the blob).
/// </summary>
/// <remarks>Written by hand: the layout is documented and small, and the official client is a Python program.</remarks>
/// <param name="cache">Root folder of the cache.</param>
/// <param name="repository">Name of the repository, such as <c>timm/resnet18.a1_in1k</c>.</param>
internal sealed class HubCache(string cache, string repository)
{
    private readonly string _name = $"models--{repository.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>Folder of the repository.</summary>
    public string Folder => Path.Combine(cache, _name);

    /// <summary>Returns the path of a blob.</summary>
    public string BlobPath(string etag) => Path.Combine(Folder, "blobs", etag);

    /// <summary>Returns the path of the file that locks a blob.</summary>
    public string LockPath(string etag) => Path.Combine(cache, ".locks", _name, $"{etag}.lock");

    /// <summary>Returns the path of a file of a revision, or null if it is not in the cache.</summary>
    public string? Find(string revision, string file)
    {
        var reference = Path.Combine(Folder, "refs", revision);
        var commit = File.Exists(reference) ? File.ReadAllText(reference).Trim() : revision;
        var path = Path.Combine(Folder, "snapshots", commit, file);
        return commit.Length > 0 && File.Exists(path) ? path : null;
    }

    /// <summary>Links a complete blob as a file of a revision and returns the path of the link.</summary>
    public string Link(string revision, string commit, string file, string etag)
    {
        var path = Path.Combine(Folder, "snapshots", commit, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            // A dangling link counts as missing but would prevent creating a new one.
            File.Delete(path);
            var up = string.Concat(Enumerable.Repeat("../", 2 + file.Count(c => c == '/')));
            try
            {
                File.CreateSymbolicLink(path, $"{up}blobs/{etag}");
            }
            catch (IOException)
            {
                // On file systems without links the blob is copied, as in Python.
                WholeFile.Write(path, to =>
                {
                    using var from = File.OpenRead(BlobPath(etag));
                    from.CopyTo(to);
                });
            }
        }

        if (!string.Equals(revision, commit, StringComparison.Ordinal))
        {
            WholeFile.WriteText(Path.Combine(Folder, "refs", revision), commit);
        }

        return path;
    }
}
