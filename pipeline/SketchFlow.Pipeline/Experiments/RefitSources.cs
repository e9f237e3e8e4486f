using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Experiments.Sweeps;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Experiments;

/// <summary>Finds the runs that a name stands for when they are to be trained again on all images: a run, the best trial of a sweep, or an ensemble.</summary>
public static class RefitSources
{
    /// <summary>Finds the runs.</summary>
    /// <param name="artifacts">The folder of all output.</param>
    /// <param name="name">Name of a run, of a sweep, or of an ensemble or its file.</param>
    /// <param name="log">Receives a line that says which run was chosen.</param>
    /// <exception cref="RefusalException">There is nothing of that name, a sweep has no result, or an ensemble has a member that is not a run.</exception>
    public static IReadOnlyList<RunFolder> Find(Artifacts artifacts, string name, Action<string> log)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(log);
        var isFile = name.EndsWith(".yaml", StringComparison.Ordinal);
        if (!isFile && artifacts.Run(name) is var run && (File.Exists(run.Recipe) || run.Folds.Count > 0))
        {
            return [run];
        }

        if (!isFile && new SweepStore(artifacts, name) is var sweep && File.Exists(sweep.File))
        {
            var best = SweepJob.Best(SweepFile.Read(sweep.File), sweep.ReadTrials())
                ?? throw new RefusalException($"The sweep {name} has no trial with a result yet; continue it first.");
            log($"The best trial of the sweep {name} is {sweep.RunOf(best).Name}.");
            return [sweep.RunOf(best)];
        }

        var file = isFile ? name : EnsembleFile.PathOf(artifacts, name);
        if (!File.Exists(file))
        {
            throw TrainedModelNames.Unknown(name, "run, sweep or ensemble", [.. artifacts.AllRuns().Select(r => r.Name)]);
        }

        RunFolder[] members = [.. EnsembleFile.Load(file).Members.Where(m => m.Weight > 0)
            .Select(m => m.Run.Split('+')[0]).Distinct(StringComparer.Ordinal).Select(artifacts.Run)];
        return members.FirstOrDefault(m => !Directory.Exists(m.Folder)) is { } missing
            ? throw new RefusalException(
                $"The ensemble {name} has the member {missing.Name}, which is not a run in {artifacts.Runs}; refit the other members by name.")
            : members;
    }
}
