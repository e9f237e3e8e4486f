namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// What image networks end with, (N, C, H, W) to logits: the mean over the image, dropout and the classifier <c>fc</c> (timm's
    /// <c>ClassifierHead</c>).
    /// </summary>
    /// <param name="scope">Where it declares.</param>
    /// <param name="channels">C.</param>
    /// <param name="options">Classes and dropout.</param>
    /// <param name="start">How the classifier starts; null is PyTorch's default.</param>
    /// <param name="between">Declares what stands between the mean and dropout; null goes without.</param>
    public static Layer PooledHead(ParameterScope scope, long channels, ModelOptions options, LinearOptions? start = null, Func<ParameterScope, Layer>? between = null)
    {
        var middle = between?.Invoke(scope);
        return Sequence(GlobalAveragePool, middle, Dropout(scope.Path, options.Dropout), Classifier(scope["fc"], channels, options.Classes, start));
    }

    /// <summary>A normalisation and a hidden layer of as many features with tanh behind it (timm's <c>NormMlpClassifierHead</c>).</summary>
    internal static Layer HiddenTanh(ParameterScope scope, long channels, double epsilon) => Sequence(
        LayerNorm(scope["norm"], channels, epsilon), Linear(scope["pre_logits"]["fc"], channels, channels), (_, x) => x.tanh());
}
