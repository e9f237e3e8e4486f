using System.Collections.Immutable;

namespace SketchFlow.Learning.Models;

/// <summary>
/// Declares the tensors of a model under dotted names while its functions are put together. Nothing is allocated:
/// a declared model is data, and costs the same for resnet18 and vit_giant.
/// </summary>
public sealed class ParameterScope
{
    private readonly List<TensorSpec> _tensors;
    private readonly HashSet<string> _names;
    private readonly string _prefix;

    private ParameterScope(List<TensorSpec> tensors, HashSet<string> names, string prefix) => (_tensors, _names, _prefix) = (tensors, names, prefix);

    /// <summary>Dotted name of this part, such as <c>layer1.0</c>; empty at the root. Layers seed their randomness with it.</summary>
    public string Path => _prefix.TrimEnd('.');

    /// <summary>An empty model.</summary>
    public static ParameterScope Root() => new([], new(StringComparer.Ordinal), "");

    /// <summary>The scope of a part: <c>scope["layer1"][0]</c> declares under <c>layer1.0.</c>.</summary>
    public ParameterScope this[string part] => new(_tensors, _names, $"{_prefix}{part}.");

    /// <summary>The scope of a numbered part.</summary>
    public ParameterScope this[int part] => this[part.ToString(System.Globalization.CultureInfo.InvariantCulture)];

    /// <summary>Declares a learned tensor.</summary>
    /// <param name="name">Last part of its name.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="start">How a fresh one is filled.</param>
    /// <param name="decays">Overrides whether weight decay applies; by default to two or more dimensions.</param>
    /// <param name="grid">What a position embedding's tokens are, so that another image size can take it over.</param>
    /// <param name="relativePlaces">Whether it is a table of biases for relative places, which another window size can take over.</param>
    /// <param name="rowsBeside">Rows at the end of such a table that stand for no place.</param>
    /// <param name="relativeSteps">Whether its rows are steps along a side, which another window size can take over.</param>
    public TensorSlot Parameter(
        string name,
        long[] shape,
        Initializer start,
        bool? decays = null,
        PositionGrid? grid = null,
        bool relativePlaces = false,
        int rowsBeside = 0,
        bool relativeSteps = false)
    {
        var spec = Spec(name, shape, TensorRole.Parameter, start) with
        {
            Grid = grid,
            RelativePlaces = relativePlaces,
            RowsBesidePlaces = rowsBeside,
            RelativeSteps = relativeSteps,
        };
        return Add(decays is { } d ? spec with { Decays = d } : spec);
    }

    /// <summary>Declares a float32 tensor that is kept, not learned.</summary>
    public TensorSlot Buffer(string name, long[] shape, Initializer start) => Add(Spec(name, shape, TensorRole.Buffer, start));

    /// <summary>Declares an int64 counter of training batches.</summary>
    public TensorSlot Counter(string name) => Add(Spec(name, [], TensorRole.Counter, Initializer.Zeros));

    /// <summary>All tensors declared so far, in order, each in its layer group.</summary>
    public ImmutableArray<TensorSpec> Declared(LayerGroups groups) => groups.Assign(_tensors);

    private TensorSpec Spec(string name, long[] shape, TensorRole role, Initializer start) =>
        new($"{_prefix}{name}", [.. shape], role, start);

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
