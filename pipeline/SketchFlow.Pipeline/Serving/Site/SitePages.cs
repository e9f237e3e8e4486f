using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Reporting;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Pipeline.Runs.Logits;

namespace SketchFlow.Pipeline.Serving.Site;

/// <summary>The pages below <c>artifacts/reports</c>; those of experiments and runs are written again when something that they show has changed.</summary>
/// <param name="artifacts">Folder of artifacts.</param>
/// <param name="warn">Receives each warning once.</param>
internal sealed class SitePages(Artifacts artifacts, Action<string> warn) : IDisposable
{
    // A training writes once per epoch; clients that ask more often get the same answer.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _drawn = new(StringComparer.Ordinal);
    private ReportJob? _job;
    private long _state;
    private DateTime _checked;

    /// <summary>Returns the file of a page, or null if the path is none below the folder of reports or leads over a link.</summary>
    /// <param name="path">Path below the folder of reports, with slashes, such as <c>runs/a/index.html</c>.</param>
    public string? Find(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var file = artifacts.Reports;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            file = Path.Combine(file, part);
            if (part.StartsWith('.') || part.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) >= 0 || part.Contains('\\', StringComparison.Ordinal)
                || IsLink(file))
            {
                return null;
            }
        }

        return file;
    }

    /// <summary>Returns when a page was written; null if there is none.</summary>
    /// <inheritdoc cref="Find"/>
    public DateTime? Written(string path) => Find(path) is { } file && File.Exists(file) ? File.GetLastWriteTimeUtc(file) : null;

    /// <summary>Writes a page again if it is older than what it shows.</summary>
    /// <param name="path">Path below the folder of reports.</param>
    /// <param name="cancellation">Ends the wait for other pages.</param>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public async Task RefreshAsync(string path, CancellationToken cancellation)
    {
        if (Find(path) is not { } file)
        {
            return;
        }

        await _turn.WaitAsync(cancellation);
        try
        {
            // Pictures of a large run take seconds; the threads of the server answer other requests meanwhile.
            await Task.Run(() => Refresh(file), cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private static bool IsLink(string file) => new FileInfo(file).LinkTarget is not null;

    private void Refresh(string file)
    {
        var index = ReportFiles.Index(artifacts);
        var state = _state;
        if (_job is null || DateTime.UtcNow - _checked > _rest)
        {
            state = State();
            _checked = DateTime.UtcNow;
        }

        if (_job is null || state != _state || !File.Exists(index))
        {
            _job = new ReportJob(artifacts, RunTable.All(artifacts, Warn));
            _state = state;
            _job.Index().Write(index);
        }

        if (_job.Runs.FirstOrDefault(r => ReportFiles.Run(artifacts, r.Name) == file) is { } run && !_job.IsCurrent(run))
        {
            // Where the clock of a file server is fast, a page looks old for ever.
            if (_drawn.TryGetValue(run.Name, out var drawn) && drawn == _state && File.Exists(file))
            {
                return;
            }

            _drawn[run.Name] = _state;
            try
            {
                _job.Run(run, null, null).Write(file);
            }
            catch (RefusalException e)
            {
                Warn(e.Message);
            }
        }
    }

    private void Warn(string sentence)
    {
        if (_warnings.Add(sentence))
        {
            warn(sentence);
        }
    }

    // A number that changes with the runs, their epochs, the logits and the other pages: names and times, without reading a file.
    private long State()
    {
        var hash = default(HashCode);
        Directory.CreateDirectory(artifacts.Runs);
        foreach (var folder in new DirectoryInfo(artifacts.Runs).EnumerateDirectories().OrderBy(d => d.Name, StringComparer.Ordinal))
        {
            hash.Add(folder.LastWriteTimeUtc);
            var run = new RunFolder(folder.FullName);
            foreach (var part in run.Folds.Prepend(run))
            {
                hash.Add(part.Name);
                hash.Add(File.GetLastWriteTimeUtc(part.Metrics));
            }
        }

        foreach (var table in MemberTables.FindFiles(artifacts, RunLogits.Validation).Order(StringComparer.Ordinal))
        {
            hash.Add(table);
            hash.Add(File.GetLastWriteTimeUtc(table));
        }

        foreach (var page in ReportFiles.Others(artifacts))
        {
            hash.Add(page.FullName);
            hash.Add(page.LastWriteTimeUtc);
        }

        return hash.ToHashCode();
    }
}
