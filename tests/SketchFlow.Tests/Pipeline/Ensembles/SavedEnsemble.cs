using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Tests.Pipeline.Ensembles;

/// <summary>An ensemble that was computed and written, as the verb does it.</summary>
internal sealed record SavedEnsemble(EnsembleReport Report, string File, string? Submission)
{
    public static SavedEnsemble Run(Artifacts artifacts, string dataSet, string name, EnsembleOptions? options = null) =>
        Write(artifacts, name, EnsembleJob.Run(artifacts, dataSet, options));

    public static SavedEnsemble Rebuild(Artifacts artifacts, EnsembleFile file, string name) => Write(artifacts, name, EnsembleJob.Rebuild(artifacts, file));

    private static SavedEnsemble Write(Artifacts artifacts, string name, EnsembleReport report)
    {
        var files = new EnsembleFiles(artifacts, name, report.DataSet);
        files.WriteEnsemble(report);
        return new SavedEnsemble(report, files.Definition, report.Test is null ? null : files.Submission);
    }
}
