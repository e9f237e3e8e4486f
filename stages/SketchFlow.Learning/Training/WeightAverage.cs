using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training;

/// <summary>
/// The mean of models of one architecture, weight by weight: a soup (Wortsman et al., "Model soups", ICML 2022). Sums are float64, so that the
/// order of the models does not matter and equal models give themselves.
/// </summary>
public sealed class WeightAverage : IDisposable
{
    private torch.Tensor? _parameters;
    private torch.Tensor? _statistics;

    /// <summary>Models taken in.</summary>
    public int Count { get; private set; }

    /// <summary>Takes a model in, whose weights stay the caller's.</summary>
    /// <exception cref="RefusalException">It has another layout than those before.</exception>
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
            _parameters.add_(model.Parameters);
            _statistics.add_(model.Statistics);
        }

        Count++;
    }

    /// <summary>Writes the mean, of one more model if that is given, into <paramref name="target"/>; running statistics are averaged too.</summary>
    /// <param name="target">Of the same architecture; its counters stay.</param>
    /// <param name="with">Counted as if it had been taken in; may be the target itself.</param>
    /// <exception cref="InvalidOperationException">There is no model.</exception>
    public void Into(FlatModel target, FlatModel? with = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (_parameters is null || _statistics is null)
        {
            throw new InvalidOperationException("The mean of no models is not defined.");
        }

        Check(target);
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        var count = Count + (with is null ? 0 : 1);
        target.Parameters.copy_((with is null ? _parameters : _parameters.add(with.Parameters)).div(count));
        target.Statistics.copy_((with is null ? _statistics : _statistics.add(with.Statistics)).div(count));
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
                $"A model of {model.Parameters.numel()} parameters cannot be averaged with one of {_parameters.numel()}; a soup is of one architecture and one number of classes.");
        }
    }
}
