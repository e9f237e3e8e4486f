using System.Collections.Immutable;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Plans of saved ensembles: the runs of the members with a weight, and the temperatures, weights and rule of the file.</summary>
/// <param name="artifacts">The folder of all output.</param>
/// <param name="ensemble">The ensemble.</param>
internal sealed class EnsemblePlans(Artifacts artifacts, TrainedEnsemble ensemble)
{
    private readonly EnsembleFile _file = EnsembleFile.Load(ensemble.File);
    private readonly TableCache _cache = new();

    /// <summary>Creates the plan.</summary>
    /// <exception cref="RefusalException">A member has no weights here, or other weights than those that the ensemble was made of.</exception>
    public ClassifierPlan Create()
    {
        var combination = SavedCombination.Create(_file, ClassesOfTables().Length, new Lazy<LogitsSet>(ReadCalibrated));
        var saved = SavedCombination.Ordered(_file).Where(m => m.Weight > 0).ToList();
        ImmutableArray<MemberPlan> members = [.. saved.Select(CreateMember)];
        var named = ClassesOfTables();
        var classes = named.IsEmpty ? members[0].Parts[0].Classes : [.. named.Select(c => new ClassName(c))];
        var kept = combination.Members;
        return new ClassifierPlan(ensemble.Title, classes, members, combination with
        {
            Temperatures = [.. kept.Select(m => combination.Temperatures[m])],
            Weights = [.. kept.Select(m => combination.Weights[m])],
        })
        {
            Notes = combination.Rule is CombineRule.Rank or CombineRule.Hard
                ? [$"{ensemble.Name} combines by {_file.Method}, whose shares are not calibrated probabilities."]
                : [],
        };
    }

    // The order of the classes that weights per class and stacks refer to; empty where the tables are gone, and the members' own order is used.
    private ImmutableArray<string> ClassesOfTables() => _file.Classes.Count > 0
        ? [.. _file.Classes]
        : TablesOf(SavedCombination.Ordered(_file)[0]).FirstOrDefault()?.Metadata.ClassNames ?? [];

    private LogitsTable[] TablesOf(EnsembleMember member) => _cache.Read(
    [
        .. member.FilesOf(RunLogits.Validation).Keys.Concat(member.FilesOf(RunLogits.Test).Keys).Order(StringComparer.Ordinal)
            .Select(f => Path.Combine(artifacts.Logits, f)).Where(File.Exists),
    ]);

    private LogitsSet ReadCalibrated() =>
        (SavedTables.Read(artifacts, _file, RunLogits.Validation, _cache)
            ?? throw RunLogits.Missing(artifacts, _file.Dataset, "validation"))
        .Set.Calibrated([.. SavedCombination.Ordered(_file).Select(m => m.Temperature)]);

    private MemberPlan CreateMember(EnsembleMember member)
    {
        // The validation table of a refit is that of the run that estimates it.
        var tables = TablesOf(member).Where(t => t.Metadata.EstimatedBy is not null || member.EstimatedBy is null).ToList();
        var tta = tables.Select(t => t.Metadata.Tta).FirstOrDefault() ?? member.Run[NameOfRun(member.Run).Length..].TrimStart('+');
        var run = new RunFolder(Path.Combine(artifacts.Runs, NameOfRun(member.Run)));
        if (run.Trained.Count == 0)
        {
            throw new RefusalException(
                $"The ensemble {ensemble.Name} has the member {member.Run}, whose weights are not in {run.Folder}; restore the run, or make an ensemble "
                + $"without it: sketchflow ensemble --exclude {member.Run}.");
        }

        foreach (var part in run.Trained)
        {
            CheckWeights(part, tables.Where(t => t.Metadata.Run == run.Name && t.Metadata.Fold == part.Fold));
        }

        return RunPlans.CreateMember(run, member.Run, TestTimeAugmentation.FromText(tta));
    }

    private void CheckWeights(RunFolder part, IEnumerable<LogitsTable> tables)
    {
        var predicted = tables.Select(t => t.Metadata.CheckpointSha256).OfType<string>().FirstOrDefault();
        if (predicted is not null && FileHash.Sha256(part.Best) != predicted)
        {
            throw new RefusalException(
                $"{part.Best} was trained again since the ensemble {ensemble.Name} was made; run sketchflow predict --run {part.Run}, "
                + "then sketchflow ensemble.");
        }
    }

    // A member is a run, or a run and its test-time augmentation: RUN+hflip.
    private string NameOfRun(string member)
    {
        for (var end = member.Length; end > 0; end = member.LastIndexOf('+', end - 1))
        {
            if (Directory.Exists(Path.Combine(artifacts.Runs, member[..end])))
            {
                return member[..end];
            }
        }

        return member.Split('+')[0];
    }
}
