using System.Collections.Immutable;
using SketchFlow.Learning.Models.Graphs;
using TorchSharp;

namespace SketchFlow.Learning.Models;

/// <summary>A model as data: the names and shapes of its tensors, and the functions that compute it.</summary>
public sealed record Architecture
{
    /// <summary>timm's architecture name, such as <c>convnext_atto</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Options that the model was built with.</summary>
    public required ModelOptions Options { get; init; }

    /// <summary>Side of the square input in pixels.</summary>
    public required int InputSize { get; init; }

    /// <summary>timm's preprocessing for the default weights.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>Tensors in timm's state-dict order.</summary>
    public required ImmutableArray<TensorSpec> Tensors { get; init; }

    /// <summary>Computes the last feature map or token sequence from images (N, 3, H, W), like timm's <c>forward_features</c>.</summary>
    public required Layer Features { get; init; }

    /// <summary>Computes logits (N, classes) from features, like timm's <c>forward_head</c>.</summary>
    public required Layer Head { get; init; }

    /// <summary>Name of the classifier's module, such as <c>fc</c> or <c>head.fc</c>.</summary>
    public required string Classifier { get; init; }

    /// <summary>Name of the second classifier's module in models that average two classifiers (distilled DeiT); null in others.</summary>
    public string? SecondClassifier { get; init; }

    /// <summary>Name of the first convolution's module, such as <c>conv1</c> or <c>stem.0</c>.</summary>
    public required string FirstConvolution { get; init; }

    /// <summary>Computes logits (N, classes) from normalised images (N, 3, H, W).</summary>
    public torch.Tensor Forward(ForwardContext pass, torch.Tensor images)
    {
        using var features = Features(pass, new Value(images));
        return Head(pass, features).Tensor;
    }

    /// <summary>Records the forward pass in inference mode at the input size; no weights are needed and nothing is computed.</summary>
    /// <param name="images">Number of images in the recorded batch.</param>
    public Graph Record(int images = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var builder = new GraphBuilder();
        var weights = Tensors.Select((spec, i) => builder.Add(new Operation.Weight(i, spec.Name, spec.Shape))).ToArray();
        var input = builder.Add(new Operation.Input([images, 3, InputSize, InputSize]));
        var pass = ForwardContext.ForRecording(weights);
        var features = Features(pass, input);
        return builder.ToGraph(input, features, Head(pass, features));
    }

    /// <summary>Returns whether the tensor of this name belongs to a classifier.</summary>
    internal bool BelongsToClassifier(string tensor) =>
        tensor.StartsWith($"{Classifier}.", StringComparison.Ordinal)
        || (SecondClassifier is { } second && tensor.StartsWith($"{second}.", StringComparison.Ordinal));

    /// <summary>Number of learned parameters.</summary>
    public long Parameters => Tensors.Where(t => t.Role == TensorRole.Parameter).Sum(t => t.Count);

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Parameters / 1e6:0.0} M parameters, {InputSize} px, {Options.Classes} classes)";
}
