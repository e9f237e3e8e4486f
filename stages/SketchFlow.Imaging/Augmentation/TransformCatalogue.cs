using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>Describes all transforms from their source: defaults from the properties, ranges from the checks, text from the documentation comments.</summary>
public static class TransformCatalogue
{
    private const string Unlimited = " to 1000000000";

    /// <summary>Describes every transform, sorted by name.</summary>
    /// <exception cref="RefusalException">The documentation file is not next to the program.</exception>
    public static ImmutableArray<TransformDescription> All()
    {
        var documentation = XmlDocumentation.Read(typeof(Transform).Assembly);
        return [.. Transform.Known.Select(t => Page(t.Key, t.Value, documentation))];
    }

    /// <summary>Writes a Markdown table of transforms and options; omits the common option p and states its default where it is unusual.</summary>
    public static string Markdown(IEnumerable<TransformDescription> pages) =>
        MarkdownTable.Write(["transform", "option", "default", "range", "meaning"], pages.SelectMany(Rows));

    /// <summary>Formats the default value in a readable way: thirds as fractions.</summary>
    public static string DescribeDefault(TransformOption option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return option.Default.Length > 9 && double.TryParse(option.Default, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            && Math.Abs((value * 3) - Math.Round(value * 3)) < 1e-9
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value * 3)}/3")
            : option.Default;
    }

    /// <summary>Formats the range in a readable way: a limit that nothing reaches is none.</summary>
    public static string DescribeRange(TransformOption option)
    {
        ArgumentNullException.ThrowIfNull(option);
        return option.Range.EndsWith(Unlimited, StringComparison.Ordinal) ? $"{option.Range[..^Unlimited.Length]} or more" : option.Range;
    }

    private static IEnumerable<string[]> Rows(TransformDescription page)
    {
        var probability = page.Options[^1].Default;
        return
        [
            [$"**{page.Name}**", "", "", "", probability == "0.5" ? page.Meaning : $"{page.Meaning} Applied with p {probability}."],
            .. page.Options.SkipLast(1).Select(option => (string[])["", $"`{option.Name}`", DescribeDefault(option), DescribeRange(option), option.Meaning]),
        ];
    }

    private static TransformDescription Page(string name, Type type, XmlDocumentation documentation)
    {
        var transform = Transform.Default(name);
        var ranges = transform.Ranges();
        return new TransformDescription(name, documentation.SummaryOf(type), [.. Transform.OptionsOf(type).Select(option => new TransformOption(
            Transform.SplitWords(option.Name, '_'),
            Transform.FormatValue(option.GetValue(transform)),
            Range(option, ranges),
            documentation.SummaryOf(option)))]);
    }

    private static string Range(PropertyInfo option, IReadOnlyDictionary<string, OptionRange> ranges)
    {
        if (ranges.TryGetValue(option.Name, out var range))
        {
            return range.ToString();
        }

        var type = option.PropertyType;
        return type switch
        {
            { IsEnum: true } => string.Join(", ", Enum.GetNames(type).Select(n => Transform.SplitWords(n, '_'))),
            _ when type == typeof(byte) => "0 to 255",
            _ when type == typeof(bool) => "true, false",
            _ when type.IsAssignableTo(typeof(IEnumerable)) => "a list of transforms",
            _ => "",
        };
    }
}
