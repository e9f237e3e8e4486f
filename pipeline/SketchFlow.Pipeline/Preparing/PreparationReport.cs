using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>The result of preparing a data set.</summary>
/// <param name="Classes">Number of classes.</param>
/// <param name="Train">Number of training images.</param>
/// <param name="Test">Number of test images.</param>
/// <param name="Kept">Number of images that an earlier, interrupted preparation had already written.</param>
/// <param name="Answers">The file with the labels of the test set, outside the folder of the data set.</param>
public sealed record PreparationReport(int Classes, int Train, int Test, int Kept, string Answers)
{
    /// <summary>Members of the archive that were not used.</summary>
    [JsonIgnore]
    public ImmutableArray<Rejected> Rejected { get; init; } = [];

    /// <summary>Number of members of the archive that were not used.</summary>
    public int RejectedCount => Rejected.Length;

    /// <summary>Line about entries of the source folder that are not used; empty where all are used.</summary>
    public string NotUsed { get; init; } = "";

    /// <summary>Table of the rejected members, next to the folder.</summary>
    [JsonIgnore]
    public string Rejections { get; init; } = "";
}
