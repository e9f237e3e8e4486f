using System.Text.Json.Nodes;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>What a pretrained tag says of the images, put below what a recipe says: timm's weights see them as they did when they were trained, unless told.</summary>
internal static class TagPreprocessing
{
    /// <summary>What <c>pretrained</c> may be beside a tag: timm's default weights where they are cached or can be had, else fresh ones.</summary>
    public const string Auto = "auto";

    /// <summary>Fills the keys that <paramref name="tree"/> leaves open from the tag that it names, and writes the tag's whole name.</summary>
    /// <exception cref="RefusalException">The tag is not one of the architecture's.</exception>
    public static void Fill(JsonObject tree)
    {
        if (tree["pretrained"] is not JsonValue named || !named.TryGetValue<string>(out var name)
            || (tree["architecture"] ?? JsonValue.Create(new Recipe().Architecture)) is not JsonValue model || !model.TryGetValue<string>(out var architecture)
            || (tree["preparation"] ?? new JsonObject()) is not JsonObject preparation)
        {
            return; // Null, or of a wrong type, which the parser names.
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
