using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation.Policies;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>
/// One augmentation: options first, then data. Drawing and running are apart: a transform draws concrete acts for one image, and the
/// plan runs them, so that neighbours can be fused.
/// </summary>
/// <remarks>A new transform is a record that derives from this one; recipes, the registry and the laws in the tests find it by reflection.</remarks>
public abstract record Transform
{
    private static readonly Lazy<ImmutableSortedDictionary<string, Type>> Types = new(() => typeof(Transform).Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(typeof(Transform)) && !t.IsAbstract)
        .ToImmutableSortedDictionary(NameOf, t => t, StringComparer.Ordinal));

    [ThreadStatic]
    private static Dictionary<string, OptionRange>? t_ranges;

    /// <summary>Every transform by its name in kebab-case.</summary>
    public static ImmutableSortedDictionary<string, Type> Known => Types.Value;

    /// <summary>Probability that the transform is applied to an image, 0-1.</summary>
    public double P { get; init; } = 0.5;

    /// <summary>The name in recipes: the type's, in kebab-case.</summary>
    public string Name => NameOf(GetType());

    /// <summary>The size that comes out for an input of <paramref name="size"/>; the same unless the transform says otherwise.</summary>
    public virtual ImageSize OutputSize(ImageSize size) => size;

    /// <summary>A transform of its default options; for timm's notation (<c>rand-m9-mstd0.5-inc1</c>), of those that it says.</summary>
    /// <exception cref="RefusalException">There is no transform of that name.</exception>
    public static Transform Default(string name) => TimmRandAugment.IsNotation(name) ? TimmRandAugment.Parse(name) : (Transform)Activator.CreateInstance(TypeOf(name))!;

    /// <summary>The type for a name in kebab-case or snake_case.</summary>
    /// <exception cref="RefusalException">There is none; the message lists the known ones.</exception>
    public static Type TypeOf(string name) => Known.TryGetValue(name.Replace('_', '-'), out var type)
        ? type
        : throw new RefusalException($"There is no transform \"{name}\"{Spelling.DidYouMean(name, Known.Keys)}; known are {string.Join(", ", Known.Keys)}.");

    /// <summary>The type's name in kebab-case: <c>ShiftScaleRotate</c> is <c>shift-scale-rotate</c>.</summary>
    public static string NameOf(Type type) => SplitWords(type.Name, '-');

    internal static string SplitWords(string name, char between)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]))
            {
                text.Append(between);
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>Draws what is done to one image and adds it to <paramref name="ops"/>.</summary>
    /// <param name="random">The stream of this transform on this image.</param>
    /// <param name="size">The image's size when the acts reach it.</param>
    /// <param name="ops">Receives one act or several; none is the identity.</param>
    protected internal abstract void SampleOps(ref KeyedRandom random, ImageSize size, List<PixelOp> ops);

    /// <summary>Refuses options that make no sense; derived records check theirs as well.</summary>
    /// <exception cref="RefusalException">An option is out of range.</exception>
    public virtual void Check() => CheckRange(P, 0, 1, nameof(P));

    /// <summary>The ranges that <see cref="Check"/> holds the numbers to, by property.</summary>
    internal IReadOnlyDictionary<string, OptionRange> Ranges()
    {
        // The check is the one home of the ranges: it is run, and asked what it compared.
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

    /// <summary>Refuses a value outside of [low, high].</summary>
    /// <param name="value">The option's value.</param>
    /// <param name="low">Smallest value.</param>
    /// <param name="high">Largest value: a number, or another option.</param>
    /// <param name="option">The option's name.</param>
    /// <param name="bound">How <paramref name="high"/> is written; the compiler fills it in.</param>
    protected void CheckRange(double value, double low, double high, string option, [CallerArgumentExpression(nameof(high))] string bound = "")
    {
        if (t_ranges is { } ranges)
        {
            ranges[option] = new OptionRange(low, high, char.IsUpper(bound[0]) ? SplitWords(bound, '_') : null);
        }

        if (!(value >= low && value <= high))
        {
            throw new RefusalException(string.Create(CultureInfo.InvariantCulture, $"{Name}: {SplitWords(option, '_')} is {value}; it must lie in {low} to {high}."));
        }
    }

    /// <summary>The name and all options, such as <c>rotate(limit=15, fill=255, p=0.5)</c>.</summary>
    public sealed override string ToString() =>
        $"{Name}({string.Join(", ", OptionsOf(GetType()).Select(o => $"{SplitWords(o.Name, '_')}={FormatValue(o.GetValue(this))}"))})";

    /// <summary>The properties that a recipe may set, P last.</summary>
    internal static IEnumerable<PropertyInfo> OptionsOf(Type type) => type.GetProperties()
        .Where(p => p.CanWrite)
        .OrderBy(p => string.Equals(p.Name, nameof(P), StringComparison.Ordinal));

    internal static string FormatValue(object? value) => value switch
    {
        null => "none",
        Enum e => SplitWords(e.ToString(), '_'),
        IEnumerable<Transform> list => $"[{string.Join(", ", list)}]",
        bool b => b ? "true" : "false",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
