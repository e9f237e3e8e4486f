using System.Collections.Immutable;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Learning.Explanation;

/// <summary>The class whose score is explained.</summary>
/// <param name="Class">Number of the class.</param>
/// <remarks>Formulas as <c>ClassifierOutputTarget</c> and <c>FinerWeightedTarget</c> of jacobgil/pytorch-grad-cam.</remarks>
public sealed record SaliencyTarget(int Class)
{
    // As FinerCAM's default in pytorch-grad-cam.
    private const int Nearest = 3;

    /// <summary>Classes that <see cref="SaliencyMethod.FinerCam"/> compares with; empty for the three with the nearest logits.</summary>
    public ImmutableArray<int> Against { get; init; } = [];

    /// <summary>Computes the score of one image: the logit of the class.</summary>
    /// <param name="logits">(1, classes).</param>
    internal torch.Tensor Score(torch.Tensor logits) => logits[0, Class];

    /// <summary>Computes the mean difference to the logits of the other classes, weighted by their probabilities.</summary>
    /// <param name="logits">(1, classes).</param>
    internal torch.Tensor Difference(torch.Tensor logits)
    {
        var probabilities = logits.softmax(1);
        var own = logits[0, Class];
        var (sum, weights) = (torch.zeros_like(own), torch.zeros_like(own));
        foreach (var other in Against.IsEmpty ? FindNearest(logits) : Against)
        {
            sum = sum.Plus(probabilities[0, other] * (own - logits[0, other]));
            weights = weights.Plus(probabilities[0, other]);
        }

        return sum / weights.Plus(1e-9);
    }

    private ImmutableArray<int> FindNearest(torch.Tensor logits)
    {
        var row = TensorValues.ToArray(logits.detach());
        return [.. Enumerable.Range(0, row.Length).Where(c => c != Class).OrderBy(c => Math.Abs(row[c] - row[Class])).Take(Nearest)];
    }
}
