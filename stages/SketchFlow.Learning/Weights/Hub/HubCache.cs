using SketchFlow.Data.Files;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>
/// One repository in the hub's cache, as <c>huggingface_hub</c> lays it out (its "Understand caching" page), so that Python's tools find what
/// was fetched here and the other way round: <c>models--timm--NAME/</c> with <c>refs/main</c> (a commit), <c>blobs/ETAG</c> (the bytes) and
/// <c>snapshots/COMMIT/FILE</c> (a link to the blob).
/// </summary>
/// <param name="cache">The cache's folder.</param>
/// <param name="repository">Such as <c>timm/resnet18.a1_in1k</c>.</param>
internal sealed class HubCache(string cache, string repository)
{
    private readonly string _name = $"models--{repository.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>The repository's folder.</summary>
    public string Folder => Path.Combine(cache, _name);

    /// <summary>Where a blob lies.</summary>
    public string Blob(string etag) => Path.Combine(Folder, "blobs", etag);

    /// <summary>A file of the revision, if it is there.</summary>
    public string? Find(string revision, string file)
    {
        var reference = Path.Combine(Folder, "refs", revision);
        var commit = File.Exists(reference) ? File.ReadAllText(reference).Trim() : revision;
        var path = Path.Combine(Folder, "snapshots", commit, file);
        return commit.Length > 0 && File.Exists(path) ? path : null;
    }

    /// <summary>Holds the lock that Python's tools hold while they write the same blob (flock on <c>.locks/…/ETAG.lock</c>).</summary>
    public async Task<IDisposable> Lock(string etag, Action waiting, CancellationToken cancellation)
    {
        var path = Path.Combine(cache, ".locks", _name, $"{etag}.lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        for (var tries = 0; ; tries++)
        {
            try
            {
                // .NET takes flock(LOCK_EX) for a file that it does not share.
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (tries == 0)
                {
                    waiting();
                }

                await Task.Delay(200, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes a finished blob a file of a revision.</summary>
    public string Link(string revision, string commit, string file, string etag)
    {
        var path = Path.Combine(Folder, "snapshots", commit, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            // A link whose blob is gone does not exist, and is still in the way.
            File.Delete(path);
            var up = string.Concat(Enumerable.Repeat("../", 2 + file.Count(c => c == '/')));
            try
            {
                File.CreateSymbolicLink(path, $"{up}blobs/{etag}");
            }
            catch (IOException)
            {
                // File systems without links get a copy, as Python makes it.
                File.Copy(Blob(etag), path, overwrite: true);
            }
        }

        if (!string.Equals(revision, commit, StringComparison.Ordinal))
        {
            WholeFile.WriteText(Path.Combine(Folder, "refs", revision), commit);
        }

        return path;
    }
}
