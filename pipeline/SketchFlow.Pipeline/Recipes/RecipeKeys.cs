using System.Text.Json;
using System.Text.Json.Nodes;
namespace SketchFlow.Pipeline.Recipes;

/// <summary>A recipe as one flat table of dotted keys, such as <c>optimizer.learning_rate</c>, for trackers and for comparing runs.</summary>
public static class RecipeKeys
{
    /// <summary>Every key and its value as compact JSON without the quotes of strings; lists are one value.</summary>
    public static IReadOnlyDictionary<string, string> Flatten(Recipe recipe)
    {
        var keys = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Flatten(JsonSerializer.SerializeToNode(recipe, RecipeFile.Json), "", keys);
        return keys;
    }

    private static void Flatten(JsonNode? node, string path, SortedDictionary<string, string> into)
    {
        if (node is JsonObject section)
        {
            foreach (var (key, value) in section)
            {
                Flatten(value, path.Length == 0 ? key : $"{path}.{key}", into);
            }

            return;
        }

        into[path] = node switch
        {
            null => "null",
            JsonValue text when text.TryGetValue<string>(out var words) => words,
            _ => node.ToJsonString(),
        };
    }
}
