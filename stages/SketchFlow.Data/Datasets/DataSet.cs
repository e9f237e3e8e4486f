using System.Collections.Immutable;

namespace SketchFlow.Data.Datasets;

/// <summary>A data set as found on disk: its classes and the rows of its splits. Images are not looked at.</summary>
public sealed record DataSet
{
    /// <summary>The name of its folder; logits are filed under it.</summary>
    public required string Name { get; init; }

    /// <summary>The folder, absolute.</summary>
    public required string Root { get; init; }

    /// <summary>How the folder is laid out.</summary>
    public required DataSetLayout Layout { get; init; }

    /// <summary>Class names; the index is the target. Numbers without a name in the data are called <c>class 3</c>.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>Rows with labels to learn from; ids are 0, 1, ….</summary>
    public required ImmutableArray<Sample> Train { get; init; }

    /// <summary>Rows with labels to choose by, where the data set has a split of its own (ids from 0 again); else empty.</summary>
    public ImmutableArray<Sample> Validation { get; init; } = [];

    /// <summary>Rows to predict, mostly without labels; may be empty.</summary>
    public ImmutableArray<Sample> Test { get; init; } = [];

    /// <summary>Rows of all splits that cannot be used (<see cref="Sample.Fault"/>); they keep their places.</summary>
    public int Faults => Train.Count(IsFault) + Validation.Count(IsFault) + Test.Count(IsFault);

    /// <summary>One line: <c>pacs-sketch: 7 classes, 2358 train, 1571 test</c>.</summary>
    public override string ToString() =>
        $"{Name}: {Classes.Length} classes, {Train.Length} train" +
        (Validation.IsEmpty ? "" : $", {Validation.Length} validation") +
        (Test.IsEmpty ? "" : $", {Test.Length} test") +
        (Faults == 0 ? "" : $", {Faults} of them unusable");

    private static bool IsFault(Sample sample) => sample.Fault is not null;
}
