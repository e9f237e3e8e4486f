namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares the usual head of image networks, (N, C, H, W) to logits: global average pooling, dropout and the classifier <c>fc</c> (timm's
    /// <c>ClassifierHead</c>).
    /// </summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="channels">Number of input channels.</param>
    /// <param name="options">Number of classes and dropout rate.</param>
    /// <param name="classifier">Settings of the classifier; null is PyTorch's default.</param>
    /// <param name="middle">Declares a layer between pooling and dropout; null has none.</param>
    public static Layer PooledHead(
        ParameterScope scope, long channels, ModelOptions options, LinearOptions? classifier = null, Func<ParameterScope, Layer>? middle = null)
    {
        var inner = middle?.Invoke(scope);
        return Sequential(GlobalAveragePool, inner, Dropout(scope.Path, options.Dropout), Classifier(scope["fc"], channels, options.Classes, classifier));
    }

    /// <summary>Declares a normalisation and a tanh hidden layer as wide as its input (timm's <c>NormMlpClassifierHead</c>).</summary>
    internal static Layer PreLogits(ParameterScope scope, long channels, double epsilon) => Sequential(
        LayerNorm(scope["norm"], channels, epsilon), Linear(scope["pre_logits"]["fc"], channels, channels), (_, x) => x.Tanh());
}
