using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Reports.Pages;

namespace SketchFlow.Pipeline.Reporting;

/// <summary>runs, logits (Parquet) ─> pages. libtorch is not loaded, and OpenCV only for pictures.</summary>
/// <param name="artifacts">Folder of artifacts.</param>
/// <param name="rows">All runs and their folds.</param>
internal sealed class ReportJob(Artifacts artifacts, IReadOnlyList<RunRow> rows)
{
    private readonly ILookup<string, string> _tables =
        MemberTables.FindFiles(artifacts, RunLogits.Validation).ToLookup(MemberTables.MemberOf, StringComparer.Ordinal);

    /// <summary>The runs that have a page: all but folds, which are on the page of their run.</summary>
    public IReadOnlyList<RunRow> Runs { get; } = [.. rows.Where(r => r.Folder.Fold is null)];

    /// <summary>Creates the page of all experiments.</summary>
    public ReportPage Index() => ExperimentsPage.Create(artifacts, Runs);

    /// <summary>Creates the page of a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="against">The run whose recipe it is compared with; null, or the run itself, takes the one of its data set that differs least.</param>
    /// <param name="data">Folder of the data set with the images; null searches for it.</param>
    public ReportPage Run(RunRow run, RunRow? against, string? data)
    {
        ArgumentNullException.ThrowIfNull(run);
        var (evaluation, missing) = Evaluate(run);
        var images = evaluation is null ? null : EvaluateJob.FindImages(artifacts, evaluation.Evaluated, data);
        var other = (against != run ? against : null) ?? Nearest(run);
        return RunPage.Create(run, other, evaluation, missing, images, ExplainedMapLinks.Find(artifacts, run.Folder));
    }

    /// <summary>Whether the page of a run is newer than everything that it shows.</summary>
    public bool IsCurrent(RunRow run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var page = ReportFiles.Run(artifacts, run.Name);
        if (!File.Exists(page))
        {
            return false;
        }

        var written = File.GetLastWriteTimeUtc(page);
        var parts = run.Folder.Folds.Prepend(run.Folder);
        return parts.SelectMany(p => (string[])[p.Recipe, p.Metrics, p.Timing, ExplainedMapLinks.TableOf(artifacts, p)]).Concat(_tables[run.Name])
            .All(f => File.GetLastWriteTimeUtc(f) < written);
    }

    private RunRow? Nearest(RunRow run) => Runs.Where(r => r != run && r.Cell(RunTable.DataSetColumn) == run.Cell(RunTable.DataSetColumn))
        .MinBy(r => (RunTable.Changes(r, run).Count, r.Name));

    private (EvaluationResult? Evaluation, string? Missing) Evaluate(RunRow run)
    {
        var table = _tables[run.Name].MaxBy(File.GetLastWriteTimeUtc);
        if (table is null)
        {
            return (null, $"There are no validation logits of this run; sketchflow predict --run {run.Name} writes them.");
        }

        try
        {
            var evaluated = EvaluateJob.LoadRun(artifacts, MemberTables.DataSetOf(artifacts, table), RunLogits.Validation, run.Name);
            return (EvaluateJob.Evaluate(evaluated), null);
        }
        catch (RefusalException e)
        {
            // A refit has no figures of its own, and a run that was trained on has none yet.
            return (null, e.Message);
        }
    }
}
