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

    /// <summary>First layer group that learns; those below it are frozen. 0 where all learn.</summary>
    public int FrozenBelow { get; private set; }

    /// <summary>Returns the number of layer groups. Groups are numbered from the stem (0) to the classifier.</summary>
    public static int Groups(Architecture architecture) => architecture.Tensors.Max(t => t.LayerGroup) + 1;

    /// <summary>
    /// Freezes the layer groups below <paramref name="below"/> and no others; 0 freezes none. Frozen groups compute no gradients, keep their
    /// weights, and their batch norms keep their running statistics.
    /// </summary>
    /// <exception cref="ArgumentException">All groups would be frozen.</exception>
    public void Freeze(int below)
    {
        var specs = Model.Architecture.Tensors;
        if (specs.All(s => s.LayerGroup < below))
        {
            var groups = Groups(Model.Architecture);
            throw new ArgumentException($"{Model.Architecture.Name} has {groups} layer groups, expected fewer frozen groups, got {below}.", nameof(below));
        }

        FrozenBelow = below;
        _frozen = below == 0 ? default : [.. specs.Select(s => s.LayerGroup < below)];
        Optimizer.Freeze(spec => spec.LayerGroup < below);
    }

    /// <summary>Fingerprint of the layout of the model's flat buffers: names, shapes, positions.</summary>
    public string Layout
    {
        get
        {
            var lines = Model.Architecture.Tensors
                .Zip(Model.Places, (spec, place) => string.Create(CultureInfo.InvariantCulture, $"{spec} {spec.Role} @ {place}\n"))
                .Append($"channels {(Model.ChannelsLast ? "last" : "first")}\n");
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
        }
    }

    /// <summary>Numbers of the <see cref="Kept"/> state: steps, loss scale, counts.</summary>
    public ImmutableSortedDictionary<string, double> Numbers => Kept().Numbers.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>Writes every buffer of the <see cref="Kept"/> state and a text to a file, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="text">Text of the caller, which should contain <see cref="Numbers"/>.</param>
    public void Save(string path, string text) => ChecksummedTensors.Write(path, text, Kept().Tensors.Select(t => (t.Key, t.Value)));

    /// <summary>Restores the state from a file that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="numbers">The <see cref="Numbers"/> when the file was written.</param>
    /// <exception cref="RefusalException">The file is of another model or another optimiser.</exception>
    public void Load(string path, IReadOnlyDictionary<string, double> numbers)
    {
        using var scope = torch.NewDisposeScope();
        using var still = torch.no_grad();
        // Large buffers are read in place. Counts are small, and the optimiser's are copied from its own array on every request.
        var state = new TrainingState(
            [.. Kept().Tensors.Select(t => t.Value.dtype == torch.ScalarType.Int64 ? new(t.Key, t.Value.clone()) : t)], [.. numbers]);
        ChecksummedTensors.Read(path, state.Tensors.Select(t => (t.Key, t.Value)));
        Restore(state);
    }

    /// <summary>Verifies the checksum of a file that <see cref="Save"/> wrote and returns its text.</summary>
    /// <exception cref="RefusalException">The file is damaged; the message names it.</exception>
    public static string Check(string path) => ChecksummedTensors.Check(path);
}
