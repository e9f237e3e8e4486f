using SketchFlow.Data.Outcomes;
using TorchSharp;

namespace SketchFlow.Learning.Training.Checkpoints;

/// <summary>State that a checkpoint must contain to resume a training bit for bit: flat tensors and numbers, by name.</summary>
/// <param name="Tensors">Tensors by dotted name. They are the live buffers: write them before the next step.</param>
/// <param name="Numbers">Counts and scales; whole numbers up to 2^53 and doubles are exact.</param>
public sealed record TrainingState(IReadOnlyList<KeyValuePair<string, torch.Tensor>> Tensors, IReadOnlyList<KeyValuePair<string, double>> Numbers)
{
    /// <summary>Returns the tensor of that name.</summary>
    /// <exception cref="RefusalException">There is none.</exception>
    public torch.Tensor Tensor(string name) => Tensors.FirstOrDefault(t => t.Key == name).Value
        ?? throw Missing("tensor", name, Tensors.Select(t => t.Key));

    /// <summary>Returns the number of that name.</summary>
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

        throw Missing("number", name, Numbers.Select(n => n.Key));
    }

    /// <summary>Puts a prefix before all names: <c>first</c> becomes <c>optimizer.first</c>.</summary>
    public TrainingState Under(string part) => new(
        [.. Tensors.Select(t => KeyValuePair.Create($"{part}.{t.Key}", t.Value))], [.. Numbers.Select(n => KeyValuePair.Create($"{part}.{n.Key}", n.Value))]);

    /// <summary>Selects the names with a prefix and removes the prefix.</summary>
    public TrainingState Part(string part) => new(
        [.. Tensors.Where(t => t.Key.StartsWith($"{part}.", StringComparison.Ordinal)).Select(t => KeyValuePair.Create(t.Key[(part.Length + 1)..], t.Value))],
        [.. Numbers.Where(n => n.Key.StartsWith($"{part}.", StringComparison.Ordinal)).Select(n => KeyValuePair.Create(n.Key[(part.Length + 1)..], n.Value))]);

    /// <summary>Concatenates two states.</summary>
    public static TrainingState operator +(TrainingState a, TrainingState b) => new([.. a.Tensors, .. b.Tensors], [.. a.Numbers, .. b.Numbers]);

    /// <inheritdoc cref="op_Addition"/>
    public static TrainingState Add(TrainingState left, TrainingState right) => left + right;

    /// <summary>Copies the values of the tensors to the tensors with the same names in <paramref name="live"/>.</summary>
    /// <exception cref="RefusalException">A tensor is missing here, or of another size or type.</exception>
    internal void CopyInto(TrainingState live)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        foreach (var (name, to) in live.Tensors)
        {
            var from = Tensor(name);
            if (!from.shape.AsSpan().SequenceEqual(to.shape) || from.dtype != to.dtype)
            {
                throw new RefusalException(
                    $"{name} was saved as {from.dtype} ({string.Join(", ", from.shape)}), expected {to.dtype} ({string.Join(", ", to.shape)}); "
                    + "the file may be of another model.");
            }

            to.copy_(from);
        }
    }

    private static RefusalException Missing(string what, string name, IEnumerable<string> known) => new(
        $"The training state has no {what} {name}, expected it among {string.Join(", ", known)}; the file may be of a run with other options.");
}
