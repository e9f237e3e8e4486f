using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>The rows of a data set that a run may be measured on, because it was not trained on them.</summary>
/// <param name="Samples">The rows, in the order of their ids; empty if they are unknown or there are none.</param>
/// <param name="Notes">Differences from the time of training that the user should know, in whole sentences.</param>
public sealed record HeldOutRows(ImmutableArray<Sample> Samples, ImmutableArray<string> Notes)
{
    /// <summary>Finds the validation rows of a run, regardless of images that were added to the data set and of the seed that a command sets.</summary>
    /// <remarks>
    /// A run keeps the paths of its rows. For a run of an older version, which did not, the split of its own recipe is computed again and compared with
    /// the fingerprint in its resume files. In a data set that has none of the run's images every labelled image is held out.
    /// </remarks>
    /// <param name="run">The run or fold.</param>
    /// <param name="data">The data set to predict.</param>
    public static HeldOutRows Find(RunFolder run, DataSet data)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(data);
        if (RunSplit.Read(run) is not { } split)
        {
            return FindOfOldRun(run, data);
        }

        var located = split.Locate(data);
        if (located.IsFound)
        {
            return new HeldOutRows(located.Validation, [.. located.Describe(run.Name, data.Name)]);
        }

        var (rows, part) = data.Validation.IsEmpty ? (data.Train, "labelled") : (data.Validation, "validation");
        rows = [.. rows.Where(s => s.Target is not null)];
        return new HeldOutRows(rows,
        [
            $"{data.Name} has none of the image paths that {run.Name} was trained on, so all of its {rows.Length} {part} images are predicted; "
                + "whether it has the same images under other names was not checked.",
        ]);
    }

    private static HeldOutRows FindOfOldRun(RunFolder run, DataSet data)
    {
        // The split of older versions depends on the class numbers of the training.
        var classes = RunIdentity.Read(run).Classes;
        var trained = classes.IsEmpty ? data : data.WithClassOrder(classes, $"the run {run.Name}");
        var (train, validation) = DataSource.Split(trained, run.Read());
        var table = data.Validation.IsEmpty || run.Fold is not null ? data.Train : data.Validation;
        ImmutableArray<Sample> rows = [.. validation.Select(s => table[(int)s.Id])];
        return ResumeFiles.FindLatest(run.Resume, _ => { })?.State.Rows switch
        {
            null => new HeldOutRows(rows,
            [
                $"{run.Name} was trained by an older version that did not keep its validation images. "
                    + $"The split of its recipe is used; whether {data.Name} is unchanged since then cannot be checked.",
            ]),
            var known when known == RunState.Fingerprint(train, validation) => new HeldOutRows(rows, []),
            _ => new HeldOutRows([],
            [
                $"{run.Name} was trained by an older version that did not keep its validation images, and {data.Name} is not the data set that it was trained "
                    + "on, or has changed since. No validation image is predicted, because it might have been trained on; train the run again.",
            ]),
        };
    }
}
