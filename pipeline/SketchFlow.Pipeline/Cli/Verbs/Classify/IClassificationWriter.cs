using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Pipeline.Cli.Verbs.Classify;

/// <summary>Writes answers in one format as they arrive.</summary>
internal interface IClassificationWriter
{
    /// <summary>Writes the answer for one image.</summary>
    void Write(ClassifiedImage image);
}
