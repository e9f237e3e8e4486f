using System.Text.Json;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Imaging.Inspection;

/// <summary>Named parameters of one fixed operation, read with their defaults.</summary>
/// <param name="Operation">Name of the operation, for messages.</param>
/// <param name="Values">A JSON object; undefined or null for the defaults.</param>
internal readonly record struct OperationParameters(string Operation, JsonElement Values)
{
    /// <summary>Whether every given parameter is known to the operation.</summary>
    /// <param name="known">Names of the operation's parameters.</param>
    /// <param name="isTransform">Whether a transform with this name exists; it may know the parameter, so unknown names are not an error.</param>
    /// <exception cref="RefusalException">The values are not an object, or a parameter is unknown and no transform has the name.</exception>
    public bool AreKnown(string[] known, bool isTransform)
    {
        if (Values.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return true;
        }

        if (Values.ValueKind != JsonValueKind.Object)
        {
            throw new RefusalException($"{Operation}: expected a parameters object such as {{\"size\": 224}}, got {Values.GetRawText()}.");
        }

        foreach (var value in Values.EnumerateObject())
        {
            if (!known.Contains(value.Name, StringComparer.Ordinal))
            {
                return isTransform
                    ? false
                    : throw new RefusalException(
                        $"{Operation} has no parameter \"{value.Name}\"{Spelling.DidYouMean(value.Name, known)}; known: {string.Join(", ", known)}.");
            }
        }

        return true;
    }

    /// <summary>Reads a number.</summary>
    public double Number(string name, double otherwise) => Find(name) is not { } value
        ? otherwise
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble() : throw Invalid(name, value, "a number");

    /// <summary>Reads an integer of 0 to 65536.</summary>
    public int Integer(string name, int otherwise)
    {
        var number = Number(name, otherwise);
        return number is >= 0 and <= 65536 && Math.Floor(number).Equals(number)
            ? (int)number
            : throw new RefusalException($"{Operation}: {name} is {number}, expected a whole number from 0 to 65536.");
    }

    /// <summary>Reads a level, clamped to 0-255.</summary>
    public byte Level(string name, byte otherwise) => (byte)Math.Clamp(Integer(name, otherwise), 0, 255);

    /// <summary>Reads a text.</summary>
    public string Text(string name, string otherwise) => Find(name) is not { } value
        ? otherwise
        : value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Invalid(name, value, "text");

    /// <summary>Reads a value of an enumeration, in any case.</summary>
    public T Choice<T>(string name, T otherwise)
        where T : struct, Enum => Enum.TryParse<T>(Text(name, Enum.GetName(otherwise)!), ignoreCase: true, out var choice)
        ? choice
        : throw new RefusalException($"{Operation}: {name} is {Text(name, "")}, expected {Spelling.OneOf(Text(name, ""), Enum.GetNames<T>())}.");

    /// <summary>Reads one number for both values, or a list of two.</summary>
    public (int First, int Second) Pair(string name, int otherwise)
    {
        if (Find(name) is not { } value)
        {
            return (otherwise, otherwise);
        }

        var (first, second) = value.ValueKind switch
        {
            JsonValueKind.Number => (value.GetDouble(), value.GetDouble()),
            JsonValueKind.Array when value.GetArrayLength() == 2 && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number) =>
                (value[0].GetDouble(), value[1].GetDouble()),
            _ => throw Invalid(name, value, "one number or two"),
        };
        return first is >= 1 and <= 1024 && second is >= 1 and <= 1024 ? ((int)first, (int)second) : throw Invalid(name, value, "1 to 1024");
    }

    private JsonElement? Find(string name) => Values.ValueKind == JsonValueKind.Object && Values.TryGetProperty(name, out var value) ? value : null;

    private RefusalException Invalid(string name, JsonElement value, string expected) =>
        new($"{Operation}: {name} is {value.GetRawText()}, expected {expected}.");
}
