using System.Text.Json.Serialization;

namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>Which rule moves the parameters.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019).</summary>
    [JsonStringEnumMemberName("adamw")]
    AdamW,

    /// <summary>Adam (Kingma and Ba, ICLR 2015); weight decay, if any, is L2, added to the gradient.</summary>
    Adam,

    /// <summary>Gradient descent with momentum, Nesterov's by default, as PyTorch and timm have it.</summary>
    Sgd,

    /// <summary>Adam with Nesterov's momentum (Dozat, 2016), as PyTorch.</summary>
    [JsonStringEnumMemberName("nadam")]
    NAdam,

    /// <summary>Adam whose rate is rectified while its variance is unknown (Liu et al., ICLR 2020), as PyTorch.</summary>
    [JsonStringEnumMemberName("radam")]
    RAdam,

    /// <summary>The sign of a mean (Chen et al., NeurIPS 2023): half of Adam's memory; wants a 3 to 10 times lower rate and as much more decay.</summary>
    Lion,

    /// <summary>Adam whose step is as long, tensor by tensor, as the weights (You et al., ICLR 2020): for very large batches.</summary>
    Lamb,

    /// <summary>Nesterov's momentum from differences of gradients (Xie et al., TPAMI 2024): twice Adam's memory.</summary>
    Adan,
}
