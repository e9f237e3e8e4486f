using System.Collections.Immutable;
using System.Reflection;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Training.Kinds;

/// <summary>
/// Describes losses, optimisers and schedules from their source: defaults from the properties, ranges from the checks, summaries from the documentation.
/// </summary>
public static class KindCatalogue
{
    /// <summary>Describes every kind of every section, in order of their names.</summary>
    /// <exception cref="RefusalException">The documentation file is missing.</exception>
    public static ImmutableArray<KindDescription> All()
    {
        var summaries = XmlDocumentation.Read(typeof(Kind).Assembly);
        return [.. KindRegistry.Sections.SelectMany(s => KindRegistry.Known(s.Type).Select(kind => Describe(s.Name, s.Type, kind.Value, summaries)))];
    }

    /// <summary>Formats kinds of one section as a Markdown table; options that all kinds have are listed once, in the last rows.</summary>
    public static string Markdown(IEnumerable<KindDescription> kinds)
    {
        KindDescription[] all = [.. kinds];
        var own = all.SelectMany(kind => (IEnumerable<string[]>)
            [[$"**{kind.Name}**", "", "", "", kind.Summary], .. kind.Options.Where(o => !o.IsCommon).Select(Row)]);
        string[][] common = [["every kind", "", "", "", ""], .. all.Take(1).SelectMany(k => k.Options).Where(o => o.IsCommon).Select(Row)];
        return MarkdownTable.Write(["kind", "key", "default", "range", "meaning"], own.Concat(common));

        static string[] Row(KindOption option) => ["", $"`{option.Key}`", option.Default, option.Range, option.Summary];
    }

    private static KindDescription Describe(string section, Type type, Type kind, XmlDocumentation summaries)
    {
        var defaults = (Kind)Activator.CreateInstance(kind)!;
        var checks = defaults.Checks().ToDictionary(c => c.Key, c => c.Expected, StringComparer.Ordinal);
        var options = KindRegistry.OptionsOf(kind).Select(option => new KindOption(
            KindRegistry.KeyOf(option),
            OptionText.Format(option.GetValue(defaults)),
            Range(option, checks),
            summaries.SummaryOf(option),
            option.DeclaringType == type));
        return new KindDescription(section, KindRegistry.NameOf(kind), summaries.SummaryOf(kind), [.. options]);
    }

    private static string Range(PropertyInfo option, Dictionary<string, string> checks)
    {
        var type = option.PropertyType;
        return checks.GetValueOrDefault(KindRegistry.KeyOf(option)) ?? type switch
        {
            { IsEnum: true } => string.Join(", ", Enum.GetValues(type).Cast<object>().Select(OptionText.Format)),
            _ when type == typeof(bool) => "true, false",
            _ => "",
        };
    }
}
