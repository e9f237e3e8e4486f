using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The line that says what submissions will look like.</summary>
internal static class SubmissionText
{
    /// <summary>Describes the submissions of a data set with test images.</summary>
    /// <param name="data">The data set.</param>
    public static string Describe(DataSet data) =>
        data.SubmissionFault.Length > 0 ? $"Warning: the sample submission cannot be followed. {data.SubmissionFault}"
        : data.Submission?.Describe() ?? $"ID,image_path,target: {Plural.Of(data.Test.Length, "row")}, the number of the class";
}
