using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>Restores the combination of a saved ensemble.</summary>
internal static class SavedCombination
{
    /// <summary>Returns the members in the order of the combination's weights.</summary>
    public static List<EnsembleMember> Ordered(EnsembleFile file) => [.. file.Members.OrderBy(m => m.Run, StringComparer.Ordinal)];

    /// <summary>Restores the combination; a stack is fitted again.</summary>
    /// <param name="file">The saved ensemble.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="calibrated">The validation logits of all members, divided by their temperatures; used only by stacks.</param>
    /// <exception cref="RefusalException">The file is not a valid ensemble.</exception>
    public static Combination Create(EnsembleFile file, int classes, Lazy<LogitsSet> calibrated)
    {
        if (!Enum.TryParse<CombineRule>(file.Combine, ignoreCase: true, out var rule))
        {
            var known = Enum.GetNames<CombineRule>().Select(n => n.ToLowerInvariant());
            throw new RefusalException(
                $"The ensemble combines by '{file.Combine}', expected {Spelling.OneOf(file.Combine, known)}; search again with sketchflow ensemble.");
        }

        var members = Ordered(file);
        var combination = new Combination { Rule = rule, Temperatures = [.. members.Select(m => m.Temperature)], Weights = [.. members.Select(m => m.Weight)] };
        if (combination.Members.Count == 0)
        {
            throw new RefusalException("All weights of the ensemble are 0, expected one above; search again with sketchflow ensemble.");
        }

        return rule switch
        {
            CombineRule.PerClass => combination with { ClassWeights = ClassWeights(members, classes) },
            CombineRule.Stacked => combination with { Stack = FitStack(file, calibrated.Value) },
            _ => combination,
        };
    }

    private static StackedModel FitStack(EnsembleFile file, LogitsSet calibrated)
    {
        var form = Enum.TryParse<StackForm>(file.StackForm, ignoreCase: true, out var known) ? known : StackForm.Auto;
        return Stacking.Fit(calibrated, file.StackStrength ?? 0, new StackingOptions { Form = form });
    }

    private static double[,] ClassWeights(List<EnsembleMember> members, int classes)
    {
        var weights = new double[members.Count, classes];
        for (var m = 0; m < members.Count; m++)
        {
            if (members[m].ClassWeights.Count != classes)
            {
                throw new RefusalException(
                    $"The ensemble has {members[m].ClassWeights.Count} class weights of {members[m].Run}, expected {classes}; "
                    + "search again with sketchflow ensemble.");
            }

            for (var c = 0; c < classes; c++)
            {
                weights[m, c] = members[m].ClassWeights[c];
            }
        }

        return weights;
    }
}
