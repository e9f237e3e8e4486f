using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Files;

/// <summary>Summaries of an assembly's documentation comments, from which lists and reference pages are generated.</summary>
public sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, string> _summaries;

    private XmlDocumentation(Dictionary<string, string> summaries) => _summaries = summaries;

    /// <summary>Reads the documentation file next to the program.</summary>
    /// <param name="assembly">The documented assembly.</param>
    /// <exception cref="RefusalException">The file is missing.</exception>
    public static XmlDocumentation Read(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        return File.Exists(file)
            ? new XmlDocumentation(XDocument.Load(file).Descendants("member").Where(member => member.Element("summary") is not null)
                .ToDictionary(member => member.Attribute("name")!.Value, member => PlainText(member.Element("summary")!), StringComparer.Ordinal))
            : throw new RefusalException($"{file} is missing; expected the documentation of the program. Build it again (make build).");
    }

    /// <summary>Returns the summary of a type as one line.</summary>
    /// <exception cref="KeyNotFoundException">The type has no summary.</exception>
    public string SummaryOf(Type type) => _summaries[$"T:{type.FullName!.Replace('+', '.')}"];

    /// <summary>Returns the summary of a property as one line.</summary>
    /// <exception cref="KeyNotFoundException">The property has no summary.</exception>
    public string SummaryOf(PropertyInfo property) => _summaries[$"P:{property.DeclaringType!.FullName!.Replace('+', '.')}.{property.Name}"];

    private static string PlainText(XElement summary) => Spaces().Replace(string.Concat(summary.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement element => element.Attribute("cref")?.Value.Split('.')[^1] ?? element.Attribute("name")?.Value ?? element.Value,
        _ => "",
    })), " ").Trim();

    [GeneratedRegex(@"\s+", RegexOptions.None, 1000)]
    private static partial Regex Spaces();
}
