using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Pipeline.TrainedModels;

/// <summary>Pretrained weights of timm.</summary>
/// <param name="Tag">Architecture and tag.</param>
public sealed record TrainedTag(PretrainedTag Tag) : TrainedModel(Tag.FullName)
{
    /// <summary>Prefix that marks the name of timm's weights, as on the hub.</summary>
    public const string Prefix = "timm/";

    /// <inheritdoc/>
    public override string Kind => "a pretrained model";

    /// <inheritdoc/>
    public override string ExactName => Prefix + Name;
}
