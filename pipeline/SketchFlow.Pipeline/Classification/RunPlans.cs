using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Plans of runs: everything comes from the recipe of the run and from the metadata of its weights.</summary>
internal static class RunPlans
{
    /// <summary>Creates the plan of a run, whose folds are averaged, or of one of its folds.</summary>
    /// <exception cref="RefusalException">The run has no weights, or they are damaged.</exception>
    public static ClassifierPlan Create(TrainedRun run, TestTimeAugmentation augmentation) =>
        ClassifierPlan.Of(run.Title, CreateMember(run.Folder, run.Name, augmentation), NotesOn(run));

    /// <summary>Creates a member from a run.</summary>
    /// <param name="run">The run, or a fold.</param>
    /// <param name="name">Name of the member.</param>
    /// <param name="augmentation">Test-time augmentation.</param>
    /// <exception cref="RefusalException">The run has no weights, or they are damaged.</exception>
    public static MemberPlan CreateMember(RunFolder run, string name, TestTimeAugmentation augmentation) => run.Trained is { Count: > 0 } parts
        ? new MemberPlan(name, [.. parts.Select(Create)], augmentation)
        : throw new RefusalException(
            $"The run {run.Name} has no weights yet ({run.Best} is missing); train it first, or continue it with sketchflow train --resume.");

    private static NetworkPlan Create(RunFolder part)
    {
        var (recipe, identity) = (part.Read(), RunIdentity.Read(part));
        ImmutableArray<ClassName> classes = identity.Classes.IsEmpty
            ? WeightsClasses.Unnamed(WeightsClasses.Count(part.Best, recipe.Architecture))
            : [.. identity.Classes.Select(c => new ClassName(c))];
        return new NetworkPlan(part.Name, part.Best, recipe, classes) { Run = part, Temperature = identity.Temperature };
    }

    private static IEnumerable<string> NotesOn(TrainedRun run)
    {
        if (run.Folder.Folds is { Count: > 0 } folds && run.Folder.Trained.Count < folds.Count)
        {
            yield return $"{run.Folder.Trained.Count} of {folds.Count} folds of {run.Name} have weights; their mean is used.";
        }

        if (run.Folder.Trained is [var first, ..] && RunIdentity.Read(first).Classes.IsEmpty)
        {
            yield return $"{first.Best} is of an older version and has no class names, so that class numbers are printed.";
        }
    }
}
