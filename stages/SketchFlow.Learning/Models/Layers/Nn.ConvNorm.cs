namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>Declares a convolution, a normalisation and an activation (timm's <c>ConvNormAct</c>).</summary>
    /// <param name="scope">Scope of the layer.</param>
    /// <param name="inChannels">Number of input channels.</param>
    /// <param name="outChannels">Number of output channels.</param>
    /// <param name="options">Settings of the three.</param>
    public static Layer ConvNorm(ParameterScope scope, long inChannels, long outChannels, ConvNormOptions options)
    {
        var conv = options.Convolution;
        if (options.HeFanOut && conv.WeightInitializer is null)
        {
            conv = conv with { WeightInitializer = Initializer.HeFanOut(outChannels, conv.Kernel * (conv.KernelWidth ?? conv.Kernel), conv.Groups) };
        }

        return Sequential(
            Conv2d(scope[options.ConvolutionName], inChannels, outChannels, conv),
            Norm(scope[options.NormName], outChannels, options.Norm, options.Activation, options.Gamma));
    }
}
