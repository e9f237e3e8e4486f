using System.Collections.Immutable;
using SketchFlow.Data.Competitions;

namespace SketchFlow.Data.Datasets;

/// <summary>A data set as found on disk: its classes and the rows of its splits. No image is read.</summary>
public sealed record DataSet
{
    /// <summary>Name of the folder, under which logits are stored.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute path of the folder.</summary>
    public required string Root { get; init; }

    /// <summary>Layout of the folder.</summary>
    public required DataSetLayout Layout { get; init; }

    /// <summary>Class names; the index is the target. A target without a name in the data is named <c>class 3</c>.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>Labelled rows to train on; their ids are 0, 1, ….</summary>
    public required ImmutableArray<Sample> Train { get; init; }

    /// <summary>Further columns of <c>train.csv</c> or of the training shards, in their order; empty for folders.</summary>
    public ImmutableArray<DataColumn> TrainColumns { get; init; } = [];

    /// <summary>Labelled rows of the data set's own validation split, with ids from 0; empty where there is none.</summary>
    public ImmutableArray<Sample> Validation { get; init; } = [];

    /// <summary>Rows to predict, usually without labels; may be empty.</summary>
    public ImmutableArray<Sample> Test { get; init; } = [];

    /// <summary>
    /// What the folder holds and the data set does not use, counted by kind with examples, such as <c>2 folders without images (train/x, train/y)</c>; empty
    /// where all is used.
    /// </summary>
    public string NotUsed { get; init; } = "";

    /// <summary>Format of submissions, by the sample submission or the columns of the tables; null is <c>ID,image_path,target</c>.</summary>
    public SubmissionFormat? Submission { get; init; }

    /// <summary>Reason why the sample submission cannot be followed, in a whole sentence; empty where it can, or where there is none.</summary>
    public string SubmissionFault { get; init; } = "";

    /// <summary>Number of each class as the tables write it; empty for classes that have names only.</summary>
    internal ImmutableArray<string> Numbers { get; init; } = [];

    /// <summary>Names of the columns of ids and classes in the tables; null for layouts without them.</summary>
    internal (string Id, string Label)? Columns { get; init; }

    /// <summary>Number of rows, in all splits, that cannot be used (<see cref="Sample.Fault"/>). They keep their places.</summary>
    public int Faults => Train.Count(IsFault) + Validation.Count(IsFault) + Test.Count(IsFault);

    /// <summary>Returns the data set with its classes numbered in another order; the targets follow.</summary>
    /// <param name="classes">The same class names.</param>
    /// <param name="title">Subject of messages for that order, such as <c>the run a</c>.</param>
    /// <exception cref="SketchFlow.Data.Outcomes.RefusalException">The names differ; the message states the first ones.</exception>
    public DataSet WithClassOrder(ImmutableArray<string> classes, string title)
    {
        var mapping = ClassMapping.Between(classes, Classes, title, $"the data set {Name}", "Use a data set with the classes of the run.");
        return mapping.IsIdentity
            ? this
            : this with { Classes = classes, Train = Map(Train), Validation = Map(Validation), Test = Map(Test) };

        ImmutableArray<Sample> Map(ImmutableArray<Sample> samples) =>
            [.. samples.Select(s => s.Target is { } target ? s with { Target = mapping.Sources[target] } : s)];
    }

    /// <summary>Describes the number of training images of each class, such as <c>, 3 to 17 a class</c>; empty without labelled images.</summary>
    public string DescribeClassSizes()
    {
        int[] sizes = [.. Train.Where(s => s.Target is not null).CountBy(s => s.Target!.Value).Select(c => c.Value).Order()];
        return sizes.Length == 0 ? "" : sizes[0] == sizes[^1] ? $", {sizes[0]:N0} a class" : $", {sizes[0]:N0} to {sizes[^1]:N0} a class";
    }

    /// <summary>Describes the data set in one line: <c>pacs-sketch: 7 classes, 2358 train, 1571 test</c>.</summary>
    public override string ToString() =>
        $"{Name}: {Classes.Length} classes, {Train.Length} train" +
        (Validation.IsEmpty ? "" : $", {Validation.Length} validation") +
        (Test.IsEmpty ? "" : $", {Test.Length} test") +
        (Faults == 0 ? "" : $", {Faults} of them unusable");

    private static bool IsFault(Sample sample) => sample.Fault is not null;
}
