using System.Collections.Immutable;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Classification;

/// <summary>One size of a network's input, with the views of an image that are taken in it.</summary>
/// <param name="Model">The network at this size.</param>
/// <param name="Inference">Computes its logits.</param>
/// <param name="Preparation">Size and treatment of the aspect ratio of the images.</param>
/// <param name="Views">Views of each image.</param>
internal sealed record NetworkPass(FlatModel Model, InferenceStep Inference, PadResizeOptions Preparation, ImmutableArray<TtaView> Views);
