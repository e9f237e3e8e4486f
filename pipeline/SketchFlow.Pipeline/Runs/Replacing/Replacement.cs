using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Runs.Replacing;

/// <summary>Sets the files of a run or sweep aside while a new one of the same name starts, and restores them if that fails.</summary>
/// <remarks>
/// <para>
/// The files are renamed into <c>runs/.replaced/NAME</c>, which listings ignore. <see cref="Complete"/> deletes them; <see cref="Restore"/> moves them back. If
/// the process is killed in between, the next command calls <see cref="RestoreAbandoned"/>.
/// </para>
/// <para>The caller holds the locks from before <see cref="SetAside"/> until after the end.</para>
/// </remarks>
public sealed class Replacement
{
    private const string ManifestName = "replaced.json";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly Artifacts _artifacts;
    private readonly string _folder;
    private readonly Func<ReplacementManifest> _find;
    private ReplacementManifest? _manifest;

    private Replacement(Artifacts artifacts, string key, string title, Func<ReplacementManifest> find)
    {
        Title = title;
        _artifacts = artifacts;
        _folder = Path.Combine(artifacts.Runs, Artifacts.ReplacedFolder, key);
        _find = find;
    }

    /// <summary>Name for messages, such as <c>the run a</c>.</summary>
    public string Title { get; }

    /// <summary>Whether the new run or sweep has taken the place of the old one.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Plans the replacement of a run or of a fold, with the tables and submissions that were predicted with it.</summary>
    public static Replacement OfRun(Artifacts artifacts, RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(run);
        var title = $"the run {run.Name}";
        return new Replacement(artifacts, run.Name, title, () => Describe(
            artifacts, title, [run.Folder, .. new RunResults(artifacts, run).Find()], [], [RunLock.PathOf(run)]));
    }

    /// <summary>Plans the replacement of a sweep and of the runs of its trials.</summary>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="name">Name of the sweep.</param>
    /// <param name="folder">Folder of the sweep.</param>
    /// <param name="trials">The runs of its trials; those that do not exist yet are deleted if the sweep is restored.</param>
    /// <param name="sweepLock">Lock file of the sweep.</param>
    public static Replacement OfSweep(Artifacts artifacts, string name, string folder, IReadOnlyList<RunFolder> trials, string sweepLock)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(trials);
        var title = $"the sweep {name}";
        return new Replacement(artifacts, $"{name}.sweep", title, () =>
        {
            var old = trials.Where(t => Directory.Exists(t.Folder)).ToList();
            string[] paths = [folder, .. old.SelectMany(t => (string[])[t.Folder, .. new RunResults(artifacts, t).Find()])];
            return Describe(artifacts, title, paths, trials.Except(old).Select(t => t.Folder), [sweepLock]);
        });
    }

    /// <summary>Moves the files aside. If that fails, they are moved back.</summary>
    /// <exception cref="RefusalException">An earlier replacement was not restored.</exception>
    public void SetAside()
    {
        if (_manifest is not null || IsComplete)
        {
            return;
        }

        var file = Path.Combine(_folder, ManifestName);
        if (File.Exists(file))
        {
            throw new RefusalException($"{_folder} holds files of an earlier replacement; move them back into {_artifacts.Root}, or delete them.");
        }

        var manifest = _find();
        if (manifest.Moved.IsEmpty)
        {
            return;
        }

        WholeFile.WriteText(file, JsonSerializer.Serialize(manifest, _json) + "\n");
        _manifest = manifest;
        try
        {
            foreach (var path in manifest.Moved)
            {
                Move(Path.Combine(_artifacts.Root, path), Path.Combine(_folder, path));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Restore(_ => { });
            throw new RefusalException($"{Sentence(manifest.Title)} cannot be set aside ({PrintableText.Reason(e)}); choose another name.", e);
        }
    }

    /// <summary>Deletes the files that were set aside: the new run or sweep has taken their place.</summary>
    public void Complete()
    {
        if (!IsComplete && _manifest is not null)
        {
            // One rename ends the replacement; a kill during the deletion leaves only files to delete.
            var deleted = Path.Combine(_artifacts.Runs, Artifacts.DeletedFolder, Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(Path.GetDirectoryName(deleted)!);
            Directory.Move(_folder, deleted);
            TryDelete(deleted);
        }

        IsComplete = true;
    }

    /// <summary>Deletes what the new run or sweep wrote and moves the files back, unless the replacement is complete or never began.</summary>
    /// <param name="log">Receives a sentence if files were moved back.</param>
    public void Restore(Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(log);
        if (IsComplete || _manifest is not { } manifest)
        {
            return;
        }

        PutBack(_artifacts, _folder, manifest);
        _manifest = null;
        log($"{Sentence(Title)} is as it was before: the new one ended before its first epoch.");
    }

    /// <summary>Restores the files that killed processes had set aside.</summary>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="log">Receives a line for each run or sweep.</param>
    public static void RestoreAbandoned(Artifacts artifacts, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(log);
        foreach (var folder in Folders(Path.Combine(artifacts.Runs, Artifacts.DeletedFolder)))
        {
            TryDelete(folder);
        }

        foreach (var folder in Folders(Path.Combine(artifacts.Runs, Artifacts.ReplacedFolder)))
        {
            RestoreFolder(artifacts, folder, log);
        }
    }

    private static void RestoreFolder(Artifacts artifacts, string folder, Action<string> log)
    {
        if (Read(folder, log) is not { } manifest)
        {
            return;
        }

        var locks = new List<FileLock?>();
        try
        {
            locks.AddRange(manifest.Locks.Select(l => FileLock.TryAcquire(Path.Combine(artifacts.Root, l))));
            // A process that holds the lock is still replacing. Another one may have restored the files since the manifest was read.
            if (locks.TrueForAll(l => l is not null) && File.Exists(Path.Combine(folder, ManifestName)))
            {
                PutBack(artifacts, folder, manifest);
                log($"{Sentence(manifest.Title)} is as it was before: the command that was replacing it had ended before the first epoch.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"{Sentence(manifest.Title)} was being replaced and cannot be restored from {folder}: {PrintableText.Reason(e)}.");
        }
        finally
        {
            locks.ForEach(l => l?.Dispose());
        }
    }

    private static ReplacementManifest? Read(string folder, Action<string> log)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<ReplacementManifest>(File.ReadAllText(Path.Combine(folder, ManifestName)), _json);
            return manifest is not null && manifest.IsComplete && manifest.StaysInside
                ? manifest
                : throw new JsonException("it lacks a value, or names a path outside the folder of all output");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The manifest is written before the first file is moved.
            return null;
        }
        catch (JsonException e)
        {
            log($"{folder} holds files that were set aside, but its {ManifestName} is damaged ({PrintableText.Reason(e)}); move them back by hand.");
            return null;
        }
    }

    // Can be repeated after a kill at any moment: a file that is back is no longer in the folder.
    private static void PutBack(Artifacts artifacts, string folder, ReplacementManifest manifest)
    {
        foreach (var path in manifest.New.Select(p => Path.Combine(artifacts.Root, p)).Where(Directory.Exists))
        {
            Directory.Delete(path, recursive: true);
        }

        foreach (var path in manifest.Moved)
        {
            var (aside, target) = (Path.Combine(folder, path), Path.Combine(artifacts.Root, path));
            if (Directory.Exists(aside) && Directory.Exists(target))
            {
                Directory.Delete(target, recursive: true);
            }

            if (Path.Exists(aside))
            {
                Move(aside, target);
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    private static ReplacementManifest Describe(
        Artifacts artifacts, string title, IEnumerable<string> paths, IEnumerable<string> added, IEnumerable<string> locks)
    {
        return new ReplacementManifest(
            title, [.. paths.Where(Path.Exists).Select(Relative)], [.. added.Select(Relative)], [.. locks.Select(Relative)]);

        string Relative(string path) => Path.GetRelativePath(artifacts.Root, path);
    }

    private static void Move(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to, overwrite: true);
        }
    }

    private static string Sentence(string title) => char.ToUpperInvariant(title[0]) + title[1..];

    private static void TryDelete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // Another process deletes it too, or a network file system keeps a file that is open; the next command tries again.
        }
    }

    private static string[] Folders(string folder) => Directory.Exists(folder) ? Directory.GetDirectories(folder) : [];
}
