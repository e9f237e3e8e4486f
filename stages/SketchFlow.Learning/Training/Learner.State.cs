using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Training.Checkpoints;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Training;

public sealed partial class Learner
{
    private ImmutableArray<bool> _frozen;

    /// <summary>The layer groups below this do not learn; 0 where all do.</summary>
    public int FrozenBelow { get; private set; }

    /// <summary>Number of layer groups: the highest and one. Groups are numbered from the stem (0) to the classifier.</summary>
    public static int Groups(Architecture architecture) => architecture.Tensors.Max(t => t.LayerGroup) + 1;

    /// <summary>
    /// Freezes the layer groups below <paramref name="below"/> and no others; 0 lets all learn. Frozen groups compute no gradients, keep their
    /// weights, and their batch norms keep their running statistics.
    /// </summary>
    /// <exception cref="ArgumentException">Nothing would be left to learn.</exception>
    public void Freeze(int below)
    {
        var specs = Model.Architecture.Tensors;
        if (specs.All(s => s.LayerGroup < below))
        {
            throw new ArgumentException($"All {Groups(Model.Architecture)} layer groups of {Model.Architecture.Name} lie below {below}.", nameof(below));
        }

        FrozenBelow = below;
        _frozen = below == 0 ? default : [.. specs.Select(s => s.LayerGroup < below)];
        Optimizer.Freeze(spec => spec.LayerGroup < below);
    }

    /// <summary>Fingerprint of the model's flat buffers: names, shapes, places.</summary>
    public string Layout
    {
        get
        {
            var lines = Model.Architecture.Tensors.Zip(Model.Places, (spec, place) => string.Create(CultureInfo.InvariantCulture, $"{spec} {spec.Role} @ {place}\n"))
                .Append($"channels {(Model.ChannelsLast ? "last" : "first")}\n");
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
        }
    }

    /// <summary>The numbers of what is <see cref="Kept"/>: steps, loss scale, counts.</summary>
    public ImmutableSortedDictionary<string, double> Numbers => Kept().Numbers.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Writes every buffer of what is <see cref="Kept"/>, with a text beside them (which is to hold <see cref="Numbers"/>), whole or not at all.</summary>
    public void Save(string path, string text) => ChecksummedTensors.Write(path, text, Kept().Tensors.Select(t => (t.Key, t.Value)));

    /// <summary>Goes on from a file that <see cref="Save"/> wrote and the numbers of that moment.</summary>
    /// <exception cref="RefusalException">They are another model's or another optimiser's.</exception>
    public void Load(string path, IReadOnlyDictionary<string, double> numbers)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        // Large buffers are read in place. Counts are small, and the optimiser's are copied from elsewhere whenever they are asked for.
        var state = new TrainingState([.. Kept().Tensors.Select(t => t.Value.dtype == torch.ScalarType.Int64 ? new(t.Key, t.Value.clone()) : t)], [.. numbers]);
        ChecksummedTensors.Read(path, state.Tensors.Select(t => (t.Key, t.Value)));
        Restore(state);
    }

    /// <summary>Holds a file that <see cref="Save"/> wrote against its digest and gives its text.</summary>
    /// <exception cref="RefusalException">It is damaged; the sentence names it.</exception>
    public static string Check(string path) => ChecksummedTensors.Check(path);
}
