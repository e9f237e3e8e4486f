using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>
/// Completes a recipe with the preprocessing of its pretrained tag: timm's weights see images as in their training, unless the recipe sets otherwise.
/// </summary>
internal static class TagPreprocessing
{
    /// <summary>Value of <c>pretrained</c> other than a tag: timm's default weights if they are cached or can be downloaded, else new weights.</summary>
    public const string Auto = "auto";

    /// <summary>Sets the keys that <paramref name="tree"/> does not set from the tag that it names, and writes the tag's full name.</summary>
    /// <exception cref="RefusalException">The tag is not one of the architecture's.</exception>
    public static void Fill(JsonObject tree)
    {
        if (tree["pretrained"] is not JsonValue named || !named.TryGetValue<string>(out var name)
            || (tree["architecture"] ?? JsonValue.Create(new Recipe().Architecture)) is not JsonValue model || !model.TryGetValue<string>(out var architecture)
            || (tree["preparation"] ?? new JsonObject()) is not JsonObject preparation)
        {
            return; // Null, or of a wrong type, which the parser reports.
        }

        var auto = name == Auto;
        if (auto && Pretrained.TagsFor(architecture).IsEmpty)
        {
            return;
        }

        var tag = Pretrained.Resolve(architecture, auto ? "default" : name);
        var seen = tag.Preprocessing;
        tree["pretrained"] = auto ? name : tag.FullName;
        tree["preparation"] = preparation.DeepClone();
        preparation = (JsonObject)tree["preparation"]!;
        tree["image_size"] ??= tag.InputSize;
        preparation["fit"] ??= seen.CropMode switch { "squash" => "stretch", "border" => "letterbox", _ => "centre_crop" };
        preparation["growth"] ??= seen.Interpolation == "bicubic" ? "cubic" : "linear";
        preparation["crop_percent"] ??= seen.CropPct;
        var ownStatistics = preparation["normalization"] is JsonValue whose && whose.TryGetValue<string>(out var text) && text == "data_set";
        if (!ownStatistics && preparation["mean"] is null && preparation["std"] is null)
        {
            preparation["mean"] = new JsonArray([.. seen.Mean.Select(v => JsonValue.Create(v))]);
            preparation["std"] = new JsonArray([.. seen.Std.Select(v => JsonValue.Create(v))]);
        }
    }
}
