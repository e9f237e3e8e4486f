using System.Collections.Immutable;
using System.Globalization;

namespace SketchFlow.Learning.Models;

/// <summary>
/// Declares the tensors of a model under dotted names while its layers are composed. Nothing is allocated: a declared model is data, and
/// costs the same for resnet18 and vit_giant.
/// </summary>
public sealed class ParameterScope
{
    private readonly List<TensorSpec> _tensors;
    private readonly HashSet<string> _names;
    private readonly string _prefix;

    private ParameterScope(List<TensorSpec> tensors, HashSet<string> names, string prefix) => (_tensors, _names, _prefix) = (tensors, names, prefix);

    /// <summary>Dotted name of this part, such as <c>layer1.0</c>; empty at the root. Layers seed their randomness with it.</summary>
    public string Path => _prefix.TrimEnd('.');

    /// <summary>Creates the scope of an empty model.</summary>
    public static ParameterScope Root() => new([], new(StringComparer.Ordinal), "");

    /// <summary>Scope of a part: <c>scope["layer1"][0]</c> declares under <c>layer1.0.</c>.</summary>
    public ParameterScope this[string part] => new(_tensors, _names, $"{_prefix}{part}.");

    /// <summary>Scope of a numbered part.</summary>
    public ParameterScope this[int part] => this[part.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Declares a learned tensor.</summary>
    /// <param name="name">Last part of its name.</param>
    /// <param name="shape">Number of elements along each dimension.</param>
    /// <param name="initializer">Distribution of a fresh tensor.</param>
    /// <param name="options">Weight decay and resampling; null is the default.</param>
    public TensorSlot Parameter(string name, long[] shape, Initializer initializer, ParameterOptions? options = null)
    {
        options ??= new();
        var spec = Spec(name, shape, TensorRole.Parameter, initializer) with
        {
            PositionGrid = options.PositionGrid,
            IsRelativeBiasTable = options.IsRelativeBiasTable,
            ExtraRows = options.ExtraRows,
            IsRelativeStepTable = options.IsRelativeStepTable,
        };
        return Add(options.Decays is { } decays ? spec with { Decays = decays } : spec);
    }

    /// <summary>Declares a float32 tensor that is stored but not learned.</summary>
    public TensorSlot Buffer(string name, long[] shape, Initializer initializer) => Add(Spec(name, shape, TensorRole.Buffer, initializer));

    /// <summary>Declares an int64 counter of training batches.</summary>
    public TensorSlot Counter(string name) => Add(Spec(name, [], TensorRole.Counter, Initializer.Zeros));

    /// <summary>Returns all tensors declared so far, in order, each with its layer group.</summary>
    public ImmutableArray<TensorSpec> ToTensors(LayerGroups groups) => groups.Assign(_tensors);

    private TensorSpec Spec(string name, long[] shape, TensorRole role, Initializer initializer) => new($"{_prefix}{name}", [.. shape], role, initializer);

    private TensorSlot Add(TensorSpec spec)
    {
        if (!_names.Add(spec.Name))
        {
            throw new InvalidOperationException($"The model declares {spec.Name} twice.");
        }

        _tensors.Add(spec);
        return new TensorSlot(_tensors.Count - 1);
    }
}
