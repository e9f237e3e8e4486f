using System.Collections;
using System.Globalization;
using System.Text.Json;

namespace SketchFlow.Learning.Training.Kinds;

/// <summary>Values of options as text, in the form in which recipes write them.</summary>
internal static class OptionText
{
    /// <summary>Formats a value: <c>null</c>, <c>true</c>, <c>0.1</c>, <c>[1, 2]</c>, enumerations in snake case.</summary>
    public static string Format(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        Enum word => JsonNamingPolicy.SnakeCaseLower.ConvertName(word.ToString()),
        string text => text,
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Format))}]",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
