using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Training.Checkpoints;

/// <summary>What must be kept to go on with a training to the bit: flat tensors and numbers, by name.</summary>
/// <param name="Tensors">By dotted name. They are the live buffers: write them before the next step.</param>
/// <param name="Numbers">Counts and scales; whole numbers up to 2^53 and doubles alike, bit-exact.</param>
public sealed record TrainingState(IReadOnlyList<KeyValuePair<string, torch.Tensor>> Tensors, IReadOnlyList<KeyValuePair<string, double>> Numbers)
{
    /// <summary>The tensor of that name.</summary>
    /// <exception cref="RefusalException">There is none.</exception>
    public torch.Tensor Tensor(string name) => Tensors.FirstOrDefault(t => t.Key == name).Value
        ?? throw new RefusalException($"The training state has no tensor {name}, but {string.Join(", ", Tensors.Select(t => t.Key))}; was it saved under other options?");

    /// <summary>The number of that name.</summary>
    /// <exception cref="RefusalException">There is none.</exception>
    public double Number(string name)
    {
        foreach (var (key, value) in Numbers)
        {
            if (key == name)
            {
                return value;
            }
        }

        throw new RefusalException($"The training state has no number {name}, but {string.Join(", ", Numbers.Select(n => n.Key))}; was it saved under other options?");
    }

    /// <summary>The same under longer names: <c>first</c> becomes <c>optimizer.first</c>.</summary>
    public TrainingState Under(string part) => new(
        [.. Tensors.Select(t => KeyValuePair.Create($"{part}.{t.Key}", t.Value))], [.. Numbers.Select(n => KeyValuePair.Create($"{part}.{n.Key}", n.Value))]);

    /// <summary>The part under a name, without it.</summary>
    public TrainingState Part(string part) => new(
        [.. Tensors.Where(t => t.Key.StartsWith($"{part}.", StringComparison.Ordinal)).Select(t => KeyValuePair.Create(t.Key[(part.Length + 1)..], t.Value))],
        [.. Numbers.Where(n => n.Key.StartsWith($"{part}.", StringComparison.Ordinal)).Select(n => KeyValuePair.Create(n.Key[(part.Length + 1)..], n.Value))]);

    /// <summary>Both.</summary>
    public static TrainingState operator +(TrainingState a, TrainingState b) => new([.. a.Tensors, .. b.Tensors], [.. a.Numbers, .. b.Numbers]);

    /// <summary>The first and then the second, for languages without operators.</summary>
    public static TrainingState Add(TrainingState left, TrainingState right) => left + right;

    /// <summary>Copies the tensors' values into the tensors of the same names in <paramref name="live"/>.</summary>
    /// <exception cref="RefusalException">One is missing here, or of another size or type.</exception>
    internal void CopyInto(TrainingState live)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        foreach (var (name, to) in live.Tensors)
        {
            var from = Tensor(name);
            if (!from.shape.AsSpan().SequenceEqual(to.shape) || from.dtype != to.dtype)
            {
                throw new RefusalException($"{name} was saved as {from.dtype} ({string.Join(", ", from.shape)}), where {to.dtype} ({string.Join(", ", to.shape)}) is needed; was it saved for another model?");
            }

            to.copy_(from);
        }
    }
}
