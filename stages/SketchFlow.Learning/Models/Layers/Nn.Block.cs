using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Precision;
using TorchSharp;

namespace SketchFlow.Learning.Models.Layers;

public static partial class Nn
{
    /// <summary>
    /// Declares a block of a model under the name of its scope, with gradient checkpointing (Chen et al. 2016): with
    /// <see cref="ForwardContext.Checkpointing"/> it keeps only its input and is recomputed in the backward pass, which saves memory for about a
    /// third more time.
    /// </summary>
    /// <remarks>
    /// The recomputation makes the same random choices, because randomness comes from the context, and runs under the same autocast. A block
    /// whose input needs no gradient (the first one) runs without checkpointing, because autograd would not call its backward pass.
    /// </remarks>
    public static Layer Block(ParameterScope scope, Layer layer)
    {
        var name = scope.Path;
        return (pass, x) => pass.Named(
            name,
            LayerKind.Block,
            pass.Checkpointing && torch.is_grad_enabled() && x.Tensor.requires_grad
                ? new(Recomputation.apply(x.Tensor, layer, pass))
                : layer(pass, x));
    }

    private sealed class Recomputation : torch.autograd.SingleTensorFunction<Recomputation>
    {
        private const string Work = "work";

        public override string Name => nameof(Recomputation);

        public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, layer, pass) = ((torch.Tensor)vars[0], (Layer)vars[1], (ForwardContext)vars[2]);
            ctx.save_for_backward([x]);
            ctx.save_data(Work, (layer, pass.ForRecomputation(), Autocast.Current(x.device_type)));
            using var quiet = torch.no_grad();
            return layer(pass, new(x)).Tensor;
        }

        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
        {
            using var scope = torch.NewDisposeScope();
            var (layer, pass, type) = ((Layer, ForwardContext, torch.ScalarType?))ctx.get_data(Work);
            var x = ctx.get_saved_variables()[0].detach().requires_grad_(true);
            torch.Tensor y;
            using (torch.enable_grad())
            using (Autocast.Enter(x.device_type, type))
            {
                y = layer(pass, new(x)).Tensor;
            }

            torch.autograd.backward([y], [grad_output]);
            return [x.grad!.MoveToOuterDisposeScope(), null!, null!];
        }
    }
}
