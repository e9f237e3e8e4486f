using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Training;

/// <summary>
/// Mean of models of one architecture, weight by weight: a soup (Wortsman et al., "Model soups", ICML 2022). Sums are float64, so that the
/// order of the models has no effect and the mean of equal models is the same model.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private torch.Tensor? _parameters;
    private torch.Tensor? _statistics;

    /// <summary>Number of models added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a model; the caller keeps ownership of its weights.</summary>
    /// <exception cref="RefusalException">The model's layout differs from the previous models'.</exception>
    public void Add(FlatModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        using var still = torch.no_grad();
        if (_parameters is null || _statistics is null)
        {
            _parameters = model.Parameters.to(torch.float64, copy: true).DetachFromDisposeScope();
            _statistics = model.Statistics.to(torch.float64, copy: true).DetachFromDisposeScope();
        }
        else
        {
            Check(model);
            _parameters.Increase(model.Parameters);
            _statistics.Increase(model.Statistics);
        }

        Count++;
    }

    /// <summary>Writes the mean, including one more model if that is given, to <paramref name="target"/>; running statistics are averaged too.</summary>
    /// <param name="target">Model that receives the mean, with the architecture of the others; its counters do not change.</param>
    /// <param name="with">Model that counts as if it had been added; may be the target itself.</param>
    /// <exception cref="InvalidOperationException">No model was added.</exception>
    public void Into(FlatModel target, FlatModel? with = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (_parameters is null || _statistics is null)
        {
            throw new InvalidOperationException("No model was added, expected at least one.");
        }

        Check(target);
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var count = Count + (with is null ? 0 : 1);
        target.Parameters.copy_((with is null ? _parameters : _parameters.Plus(with.Parameters)).div(Keep(count)));
        target.Statistics.copy_((with is null ? _statistics : _statistics.Plus(with.Statistics)).div(Keep(count)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _parameters?.Dispose();
        _statistics?.Dispose();
    }

    private void Check(FlatModel model)
    {
        if (model.Parameters.numel() != _parameters!.numel() || model.Statistics.numel() != _statistics!.numel())
        {
            throw new RefusalException(
                $"A model of {model.Parameters.numel()} parameters cannot be averaged with one of {_parameters.numel()}; "
                + "the models of a soup must have the same architecture and the same number of classes.");
        }
    }
}
