using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Parity;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights.Safetensors;
using TorchSharp;
using Architecture = SketchFlow.Learning.Models.Architecture;

namespace SketchFlow.Learning.Weights;

/// <summary>The tensors of one model, in the order of <see cref="Architecture.Tensors"/>: contiguous, on the CPU, not requiring gradients.</summary>
/// <remarks>They belong to no dispose scope; disposing this frees them.</remarks>
public sealed class ModelWeights : IDisposable
{
    // Wrappers that training programs leave in the names, and the dictionaries around them: EMA copies first, because of several
    // copies the first that is there is taken. timm's own order is state_dict_ema, model_ema, state_dict, model.
    private static readonly ImmutableArray<string> Averages = ["state_dict_ema.", "model_ema.", "ema_model.", "ema.", "teacher."];
    private static readonly ImmutableArray<string> Wrappers = ["state_dict.", "model.", "module.", "_orig_mod.", "ema_model.", "net.", "network."];
    private static readonly ImmutableArray<string> Prefixes = [.. Wrapped(Averages), .. Wrapped([""])];

    private const int Piece = 1 << 28; // elements copied at once: a span's length is an int

    private ModelWeights(Architecture architecture, ImmutableArray<torch.Tensor> tensors) => (Architecture, Tensors) = (architecture, tensors);

    /// <summary>The model they are for.</summary>
    public Architecture Architecture { get; }

    /// <summary>The tensors: float32, counters int64.</summary>
    public ImmutableArray<torch.Tensor> Tensors { get; }

    /// <summary>The tensor called <paramref name="name"/>.</summary>
    public torch.Tensor this[string name]
    {
        get
        {
            for (var i = 0; i < Tensors.Length; i++)
            {
                if (string.Equals(Architecture.Tensors[i].Name, name, StringComparison.Ordinal))
                {
                    return Tensors[i];
                }
            }

            throw new KeyNotFoundException($"{Architecture.Name} has no tensor '{name}'.");
        }
    }

    /// <summary>Fresh weights as timm's family starts them, each tensor from (seed, its name) alone.</summary>
    public static ModelWeights Fresh(Architecture architecture, long seed)
    {
        var weights = Empty(architecture);
        for (var i = 0; i < weights.Tensors.Length; i++)
        {
            Draw(weights.Tensors[i], architecture.Tensors[i], seed);
        }

        return weights;
    }

    /// <summary>Memory for the weights, not filled.</summary>
    public static ModelWeights Empty(Architecture architecture) =>
        new(architecture, [.. architecture.Tensors.Select(spec => Empty(spec).DetachFromDisposeScope())]);

    private static torch.Tensor Empty(TensorSpec spec) =>
        torch.empty([.. spec.Shape], dtype: spec.Role == TensorRole.Counter ? torch.ScalarType.Int64 : torch.ScalarType.Float32);

    /// <summary>
    /// Loads a file with timm's names (safetensors, sharded safetensors or a PyTorch checkpoint: <see cref="TensorFile.Open"/>), strictly:
    /// names and shapes must be the model's. Three differences are mended and
    /// reported: another number of classes (or no classifier) draws the classifier afresh, another image size resamples position
    /// embeddings (bicubic with antialiasing, FlexiViT's bilinear without, as timm's <c>resample_abs_pos_embed</c>), and missing batch counters are 0. Names may
    /// stand behind <c>model.</c>, <c>module.</c>, <c>state_dict.</c> or an average's <c>model_ema.</c>; of two copies the average is taken.
    /// </summary>
    /// <param name="architecture">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="seed">For what is drawn afresh.</param>
    /// <param name="strict">False draws what is missing or of another shape afresh, leaves out what is unexpected, and reports them.</param>
    /// <exception cref="RefusalException">The file breaks the format, or is of another model: the message lists the names.</exception>
    public static (ModelWeights Weights, LoadReport Report) Load(Architecture architecture, string path, long seed, bool strict = true)
    {
        var weights = Empty(architecture);
        try
        {
            return (weights, Read(architecture, path, seed, strict, weights.Tensors));
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="Load"/>, into tensors that are there already, so that a model is filled without a second copy in memory.</summary>
    /// <param name="architecture">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="seed">For what is drawn afresh.</param>
    /// <param name="strict">As for <see cref="Load"/>.</param>
    /// <param name="into">
    /// Tensors in the order of <see cref="Architecture.Tensors"/>, of their shapes and types. Those that lie contiguous on the CPU are filled in place;
    /// for one on a device, or channels last, a copy of that tensor is made and freed.
    /// </param>
    /// <exception cref="RefusalException">As for <see cref="Load"/>.</exception>
    public static LoadReport Read(Architecture architecture, string path, long seed, bool strict, IReadOnlyList<torch.Tensor> into)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(into);
        using var file = TensorFile.Open(path);
        using var still = torch.no_grad();
        var report = Plan(architecture, file, strict);
        var drawn = report.Fresh.Concat(report.Counters).Concat(report.Missing).Concat(report.Mismatched).ToHashSet(StringComparer.Ordinal);
        var resampled = report.Resampled.ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < architecture.Tensors.Length; i++)
        {
            using var scope = torch.NewDisposeScope();
            var spec = architecture.Tensors[i];
            var inPlace = into[i].device_type == DeviceType.CPU && into[i].is_contiguous();
            var tensor = inPlace ? into[i] : Empty(spec);
            if (drawn.Contains(spec.Name))
            {
                Draw(tensor, spec, seed);
            }
            else if (resampled.Contains(spec.Name))
            {
                Resample(file, file.Find(report.Prefix + spec.Name)!, spec, tensor);
            }
            else
            {
                Copy(file, file.Find(report.Prefix + spec.Name)!, tensor);
            }

            if (!inPlace)
            {
                into[i].copy_(tensor);
            }
        }

        return report;
    }

    private static IEnumerable<string> Wrapped(IEnumerable<string> outer)
    {
        var all = outer.ToList();
        for (var wrappers = 0; wrappers <= 3; wrappers++)
        {
            foreach (var name in all)
            {
                yield return name;
            }

            all = [.. all.SelectMany(name => Wrappers.Select(w => name + w))];
        }
    }

    /// <summary>Writes them under timm's names, in timm's order.</summary>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null) =>
        SafetensorsFormat.Write(path, Architecture.Tensors.Zip(Tensors, (spec, tensor) => (spec.Name, tensor)), metadata);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors)
        {
            tensor.Dispose();
        }
    }

    /// <summary>Holds the file's names and shapes against the model's, before anything is read.</summary>
    private static LoadReport Plan(Architecture architecture, TensorFile file, bool strict)
    {
        var first = $"{architecture.FirstConvolution}.weight";
        var copies = Prefixes.Where(p => file.Find(p + first) is not null).ToList();
        var prefix = copies.FirstOrDefault("");
        var missing = new List<string>();
        var (mismatched, shapes) = (new List<string>(), new List<string>());
        var (fresh, resampled, counters) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var spec in architecture.Tensors)
        {
            var inHead = architecture.IsOfClassifier(spec.Name);
            var found = file.Find(prefix + spec.Name);
            if (found is null)
            {
                (inHead ? fresh : spec.Role == TensorRole.Counter ? counters : missing).Add(spec.Name);
            }
            else if (!found.Shape.SequenceEqual(spec.Shape))
            {
                if (inHead && found.Shape.Length == spec.Shape.Length && found.Shape.Skip(1).SequenceEqual(spec.Shape.Skip(1)))
                {
                    fresh.Add(spec.Name);
                }
                else if ((spec.Grid is { } grid && IsGrid(found.Shape, spec.Shape, grid))
                    || (spec.RelativePlaces && IsPlaces(found.Shape, spec)) || (spec.RelativeSteps && IsSteps(found.Shape, spec.Shape)))
                {
                    resampled.Add(spec.Name);
                }
                else
                {
                    mismatched.Add(spec.Name);
                    shapes.Add($"{spec.Name} ({string.Join(", ", found.Shape)}) for ({string.Join(", ", spec.Shape)})");
                }
            }
        }

        // A classifier is taken whole or drawn whole.
        long? classes = null;
        if (fresh.Count > 0)
        {
            classes = fresh.Select(name => file.Find(prefix + name)).FirstOrDefault(entry => entry is { Shape.Length: > 0 })?.Shape[0];
            fresh = [.. architecture.Tensors.Select(t => t.Name).Where(architecture.IsOfClassifier)];
        }

        var known = architecture.Tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        // What lies in other dictionaries of a checkpoint, beside the model's, is not the model's: an optimiser, a scaler.
        var container = file.Find(prefix + first)?.Container ?? "";
        var beside = file.Tensors.Where(t => !Within(t.Container, container) && !copies.Exists(copy => Holds(copy, t.Name))).Select(t => t.Container).Distinct(StringComparer.Ordinal);
        var others = file.Tensors.Where(t => Within(t.Container, container)).Select(t => t.Name).Where(n => !Holds(prefix, n)).ToList();
        var leftOut = architecture.Options.Classes == 0 ? others.FindAll(n => n.StartsWith(prefix, StringComparison.Ordinal) && architecture.IsOfClassifier(n[prefix.Length..])) : [];
        var unexpected = others.Except(leftOut, StringComparer.Ordinal).Where(n => !copies.Exists(copy => Holds(copy, n))).ToList();
        if (strict && missing.Count + unexpected.Count + mismatched.Count > 0)
        {
            string?[] sides = [Some("missing", missing), Some("unexpected", unexpected), Some("of another shape", shapes)];
            throw new RefusalException($"{file.Path} does not hold {architecture.Name}'s weights; {string.Join("; ", sides.OfType<string>())}.");
        }

        if (missing.Count + mismatched.Count + fresh.Count + counters.Count >= architecture.Tensors.Length)
        {
            throw new RefusalException($"{file.Path} holds no tensor of {architecture.Name}; {Some("it has", [.. file.Tensors.Select(t => t.Name)]) ?? "it is empty"}.");
        }

        return new LoadReport
        {
            Fresh = [.. fresh],
            FileClasses = classes,
            Resampled = [.. resampled],
            Counters = [.. counters],
            LeftOut = [.. leftOut],
            Prefix = prefix,
            OtherCopies = [.. copies.Skip(1)],
            Beside = [.. beside],
            Missing = [.. missing],
            Unexpected = [.. unexpected],
            Mismatched = [.. mismatched],
        };

        static bool Within(string inner, string outer) =>
            inner.StartsWith(outer, StringComparison.Ordinal) && (outer.Length == 0 || inner.Length == outer.Length || inner[outer.Length] == '.');

        bool Holds(string before, string name) =>
            name.StartsWith(before, StringComparison.Ordinal) && known.Contains(name[before.Length..]);

        static string? Some(string what, List<string> names) => names.Count switch
        {
            0 => null,
            <= 6 => $"{what}: {string.Join(", ", names)}",
            _ => $"{what}: {string.Join(", ", names.Take(6))} and {names.Count - 6} more",
        };
    }

    private static bool IsGrid(ImmutableArray<long> found, ImmutableArray<long> wanted, PositionGrid grid) =>
        found.Length == wanted.Length && found[^1] == wanted[^1] && (found.Length == 2 || found[0] == 1)
        && (found.Length == 4 ? found[1] == found[2] && found[1] > 0 : found.Length is 2 or 3 && Side(found[^2] - grid.PrefixTokens) is not null);

    /// <summary>(steps, C) of an odd number of steps.</summary>
    private static bool IsSteps(ImmutableArray<long> found, ImmutableArray<long> wanted) =>
        found.Length == 2 && found[1] == wanted[1] && found[0] % 2 == 1;

    /// <summary>(places, heads) with a square of places, or (heads, rows, columns) with as many of the one as of the other; the heads agree.</summary>
    private static bool IsPlaces(ImmutableArray<long> found, TensorSpec wanted) => (found.Length, wanted.Shape.Length) switch
    {
        (2, 2) => found[1] == wanted.Shape[1] && Side(found[0] - wanted.RowsBesidePlaces) is { } side && side % 2 == 1,
        (3, 3) => found[0] == wanted.Shape[0] && found[1] == found[2] && found[1] % 2 == 1,
        _ => false,
    };

    private static long? Side(long cells)
    {
        var side = (long)Math.Round(Math.Sqrt(Math.Max(0, cells)));
        return side > 0 && side * side == cells ? side : null;
    }

    private static unsafe void Draw(torch.Tensor tensor, TensorSpec spec, long seed)
    {
        if (spec.Role == TensorRole.Counter)
        {
            tensor.zero_();
        }
        else if (spec.Count > 0)
        {
            DeterministicFill.Fill(TensorMemory.Address<float>(tensor), spec.Count, spec.Start, seed, spec.Name);
        }
    }

    private static unsafe void Copy(TensorFile file, TensorEntry entry, torch.Tensor tensor)
    {
        // TorchSharp's own spans count bytes and end at 2 GiB.
        var count = tensor.numel();
        for (var start = 0L; start < count; start += Piece)
        {
            var length = (int)Math.Min(Piece, count - start);
            if (tensor.dtype == torch.ScalarType.Int64)
            {
                file.CopyTo(entry, start, new Span<long>(TensorMemory.Address<long>(tensor) + start, length));
            }
            else
            {
                file.CopyTo(entry, start, new Span<float>(TensorMemory.Address<float>(tensor) + start, length));
            }
        }
    }

    private static void Resample(TensorFile file, TensorEntry entry, TensorSpec spec, torch.Tensor tensor)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        if (spec.RelativePlaces)
        {
            Stretch(file, entry, spec, tensor);
            return;
        }

        var old = torch.empty([.. entry.Shape]);
        Copy(file, entry, old);
        if (spec.RelativeSteps)
        {
            // As timm's get_rel_pos does at each use.
            var line = torch.nn.functional.interpolate(old.t().unsqueeze(0), [spec.Shape[0]], mode: torch.InterpolationMode.Linear, align_corners: false);
            tensor.copy_(line.squeeze(0).t());
            return;
        }

        var prefix = spec.Grid!.PrefixTokens;
        var (from, to, width) = (GridSide(entry.Shape), GridSide(spec.Shape), spec.Shape[^1]);

        // CLIP's ResNets store it without the dimension of the batch.
        old = old.reshape(1, -1, width);
        tensor = tensor.reshape(1, -1, width);
        var image = old.narrow(1, prefix, from * from).reshape(1, from, from, width).permute(0, 3, 1, 2);
        var resized = spec.Grid.Bilinear
            ? torch.nn.functional.interpolate(image, [to, to], mode: torch.InterpolationMode.Bilinear, align_corners: false)
            : torch.nn.functional.interpolate(image, [to, to], mode: torch.InterpolationMode.Bicubic, align_corners: false, antialias: true);
        tensor.narrow(1, 0, prefix).copy_(old.narrow(1, 0, prefix));
        tensor.narrow(1, prefix, to * to).copy_(resized.permute(0, 2, 3, 1).reshape(1, to * to, width));

        long GridSide(ImmutableArray<long> shape) => shape.Length == 4 ? shape[1] : Side(shape[^2] - prefix)!.Value;
    }

    private static unsafe void Stretch(TensorFile file, TensorEntry entry, TensorSpec spec, torch.Tensor tensor)
    {
        var old = new float[entry.Shape.Aggregate(1L, (a, b) => a * b)];
        file.CopyTo(entry, 0, old.AsSpan());
        var flat = spec.Shape.Length == 2;
        var (heads, from, to) = flat
            ? (spec.Shape[1], (int)Side(entry.Shape[0] - spec.RowsBesidePlaces)!.Value, (int)Side(spec.Shape[0] - spec.RowsBesidePlaces)!.Value)
            : (spec.Shape[0], (int)entry.Shape[1], (int)spec.Shape[1]);
        var values = TensorMemory.Address<float>(tensor);
        var (head, apart) = flat ? (1, (int)heads) : (to * to, 1);
        var oldHead = flat ? 1 : from * from;
        for (var h = 0; h < heads; h++)
        {
            var table = new float[from * from];
            for (var i = 0; i < table.Length; i++)
            {
                table[i] = old[(h * oldHead) + (i * apart)];
            }

            var stretched = RelativePositionResize.Stretch(table, from, to);
            for (var i = 0; i < stretched.Length; i++)
            {
                values[(h * head) + (i * apart)] = stretched[i];
            }
        }

        // Rows that stand for no place follow the table, head by head.
        old.AsSpan()[^(spec.RowsBesidePlaces * (int)heads)..].CopyTo(new Span<float>(values, (int)spec.Count)[(to * to * (int)heads)..]);
    }
}
