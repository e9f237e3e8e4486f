using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Runs;

/// <summary>The rows of a run as found in a data set today.</summary>
/// <param name="Train">Training rows that are still there, in the order of their ids.</param>
/// <param name="Validation">Validation rows that are still there, in the order of their ids.</param>
/// <param name="MissingTrain">Training rows that are gone.</param>
/// <param name="MissingValidation">Validation rows that are gone.</param>
/// <param name="Relabelled">Number of validation rows that have another class now.</param>
/// <param name="Added">Number of labelled rows of the data set that the run did not know.</param>
public sealed record LocatedSplit(
    ImmutableArray<Sample> Train,
    ImmutableArray<Sample> Validation,
    ImmutableArray<SplitRow> MissingTrain,
    ImmutableArray<SplitRow> MissingValidation,
    int Relabelled,
    int Added)
{
    /// <summary>Whether the data set has at least one row of the run.</summary>
    public bool IsFound => !Train.IsEmpty || !Validation.IsEmpty;

    /// <summary>Describes every difference from the time of training, also of training images, in whole sentences.</summary>
    /// <param name="run">Name of the run.</param>
    /// <param name="data">Name of the data set.</param>
    public IEnumerable<string> DescribeAll(string run, string data)
    {
        if (!MissingTrain.IsEmpty)
        {
            yield return $"{MissingTrain.Length} of the {Train.Length + MissingTrain.Length} training images of {run} are no longer in {data}, "
                + $"the first is {MissingTrain[0].ImagePath}.";
        }

        foreach (var sentence in Describe(run, data))
        {
            yield return sentence;
        }
    }

    /// <summary>Describes every difference of validation images in whole sentences; empty if there is none.</summary>
    /// <param name="run">Name of the run.</param>
    /// <param name="data">Name of the data set.</param>
    public IEnumerable<string> Describe(string run, string data)
    {
        const int Shown = 3;
        if (!MissingValidation.IsEmpty)
        {
            var more = MissingValidation.Length > Shown ? $" and {MissingValidation.Length - Shown} more" : "";
            var all = Validation.Length + MissingValidation.Length;
            yield return $"{MissingValidation.Length} of the {all} validation images of {run} are no longer in {data}: "
                + $"{string.Join(", ", MissingValidation.Take(Shown).Select(r => r.ImagePath))}{more}.";
        }

        if (Relabelled > 0)
        {
            yield return $"{Plural.Of(Relabelled, $"validation image of {run} has", $"validation images of {run} have")} another class in {data} now; "
                + "the present classes are used.";
        }

        if (Added > 0)
        {
            yield return $"{Plural.Of(Added, "labelled image was", "labelled images were")} added to {data} since {run} was trained "
                + "and left out of the validation.";
        }
    }
}
