using System.Globalization;
using System.Text.Json;

namespace SketchFlow.Data.Messages;

/// <summary>Describes an error of JSON without the names of .NET that its messages contain.</summary>
internal static class JsonFault
{
    /// <summary>Returns a clause with the place: <c>a value has the wrong type at $.moved in line 3</c>.</summary>
    public static string Describe(JsonException error)
    {
        var text = error.Message;
        foreach (var detail in (string[])[" Path: ", " LineNumber: "])
        {
            var at = text.IndexOf(detail, StringComparison.Ordinal);
            text = at < 0 ? text : text[..at];
        }

        if (text.Contains("System.", StringComparison.Ordinal) || text.Contains("could not be converted", StringComparison.Ordinal))
        {
            text = "a value has the wrong type";
        }
        else if (text.Contains("JSON deserialization", StringComparison.Ordinal) || text.Contains("DeserializeNoConstructor", StringComparison.Ordinal))
        {
            text = "a value is missing or given twice";
        }

        var path = error.Path is { Length: > 1 } found ? $" at {found}" : "";
        var line = error.LineNumber is { } number ? string.Create(CultureInfo.InvariantCulture, $" in line {number + 1}") : "";
        return text.TrimEnd('.', ' ') + path + line;
    }
}
