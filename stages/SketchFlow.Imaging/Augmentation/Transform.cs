using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>
/// One augmentation with its options. Sampling and running are separate: a transform samples operations for one image, and the plan runs them, so
/// that neighbours can be fused.
/// </summary>
/// <remarks>To add a transform, derive a record: recipes, the documentation and the tests of all transforms find it by reflection.</remarks>
public abstract record Transform
{
    private static readonly Lazy<ImmutableSortedDictionary<string, Type>> Types = new(() => typeof(Transform).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(Transform)) && !t.IsAbstract)
        .ToImmutableSortedDictionary(NameOf, t => t, StringComparer.Ordinal));

    private static readonly Lazy<ImmutableArray<ITransformNotation>> Notations = new(() =>
        [.. Known.Values.Where(t => t.IsAssignableTo(typeof(ITransformNotation))).Select(t => (ITransformNotation)Activator.CreateInstance(t)!)]);

    [ThreadStatic]
    private static Dictionary<string, OptionRange>? t_ranges;

    /// <summary>Types of all transforms by their names in kebab-case.</summary>
    public static ImmutableSortedDictionary<string, Type> Known => Types.Value;

    /// <summary>Probability that the transform is applied to an image, 0-1.</summary>
    public double P { get; init; } = 0.5;

    /// <summary>Name in recipes: the type's name in kebab-case.</summary>
    public string Name => NameOf(GetType());

    /// <summary>Returns the size of the output for an input of <paramref name="size"/>; the same unless a transform overrides it.</summary>
    public virtual ImageSize OutputSize(ImageSize size) => size;

    /// <summary>Creates a transform with its default options, or with those of timm's notation (<c>rand-m9-mstd0.5-inc1</c>).</summary>
    /// <exception cref="RefusalException">No transform has that name.</exception>
    public static Transform Default(string name) =>
        FindNotation(name)?.Parse(name) ?? (Transform)Activator.CreateInstance(TypeOf(name))!;

    /// <summary>Finds the notation that a name is written in; null for an ordinary name.</summary>
    internal static ITransformNotation? FindNotation(string name) => Notations.Value.FirstOrDefault(n => n.IsNotation(name));

    /// <summary>Returns the type for a name in kebab-case or snake_case.</summary>
    /// <exception cref="RefusalException">No transform has that name; the message lists the known ones.</exception>
    public static Type TypeOf(string name) => Known.TryGetValue(name.Replace('_', '-'), out var type)
        ? type
        : throw new RefusalException(
            $"Unknown transform \"{name}\"{Spelling.DidYouMean(name, Known.Keys)}; known transforms: {string.Join(", ", Known.Keys)}.");

    /// <summary>Returns the type's name in kebab-case: <c>ShiftScaleRotate</c> is <c>shift-scale-rotate</c>.</summary>
    public static string NameOf(Type type) => SplitWords(type.Name, '-');

    /// <summary>Splits a name in PascalCase into lower-case words joined by <paramref name="separator"/>.</summary>
    internal static string SplitWords(string name, char separator)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]))
            {
                text.Append(separator);
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>Draws the random parameters for one image and adds the resulting operations to <paramref name="ops"/>.</summary>
    /// <param name="random">Random stream of this transform for this image.</param>
    /// <param name="size">Size of the image before these operations.</param>
    /// <param name="ops">List that receives the operations; adding none leaves the image unchanged.</param>
    protected internal abstract void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops);

    /// <summary>Checks the options; derived records override it to check theirs.</summary>
    /// <exception cref="RefusalException">An option is out of range.</exception>
    public virtual void Check() => CheckRange(P, 0, 1, nameof(P));

    /// <summary>Returns the ranges that <see cref="Check"/> enforces, by property name.</summary>
    internal IReadOnlyDictionary<string, OptionRange> Ranges()
    {
        // Ranges are written only in the checks: this runs the check and records its comparisons.
        var ranges = t_ranges = new Dictionary<string, OptionRange>(StringComparer.Ordinal);
        try
        {
            Check();
            return ranges;
        }
        finally
        {
            t_ranges = null;
        }
    }

    /// <summary>Checks that a value is between <paramref name="low"/> and <paramref name="high"/>, inclusive.</summary>
    /// <param name="value">Value of the option.</param>
    /// <param name="low">Smallest value.</param>
    /// <param name="high">Largest value: a number, or another option.</param>
    /// <param name="option">Name of the option's property.</param>
    /// <param name="bound">Source text of <paramref name="high"/>, supplied by the compiler.</param>
    /// <exception cref="RefusalException">The value is out of range.</exception>
    protected void CheckRange(double value, double low, double high, string option, [CallerArgumentExpression(nameof(high))] string bound = "")
    {
        if (t_ranges is { } ranges)
        {
            ranges[option] = new OptionRange(low, high, char.IsUpper(bound[0]) ? SplitWords(bound, '_') : null);
        }

        if (!(value >= low && value <= high))
        {
            throw new RefusalException(string.Create(CultureInfo.InvariantCulture, $"{Name}: {SplitWords(option, '_')} is {value}, expected {low} to {high}."));
        }
    }

    /// <summary>Formats the name and all options, such as <c>rotate(limit=15, fill=255, p=0.5)</c>.</summary>
    public sealed override string ToString() =>
        $"{Name}({string.Join(", ", OptionsOf(GetType()).Select(o => $"{SplitWords(o.Name, '_')}={FormatValue(o.GetValue(this))}"))})";

    /// <summary>Returns the properties that a recipe may set, P last.</summary>
    internal static IEnumerable<PropertyInfo> OptionsOf(Type type) => type.GetProperties()
        .Where(p => p.CanWrite)
        .OrderBy(p => string.Equals(p.Name, nameof(P), StringComparison.Ordinal));

    /// <summary>Formats the value of an option as recipes write it.</summary>
    internal static string FormatValue(object? value) => value switch
    {
        null => "none",
        Enum e => SplitWords(e.ToString(), '_'),
        IEnumerable<Transform> list => $"[{string.Join(", ", list)}]",
        bool b => b ? "true" : "false",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
