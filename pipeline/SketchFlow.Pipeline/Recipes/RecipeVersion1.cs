using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>
/// Recognises recipes of runs of the first versions, up to commit 5dfa5fc: their <c>recipe.yaml</c> contains the keys of all kinds of a section, of which
/// only those of the chosen kind have an effect, and no rule of the split, which was by row numbers.
/// </summary>
internal static class RecipeVersion1
{
    private static readonly ImmutableDictionary<string, ImmutableArray<string>> Keys = ImmutableDictionary.CreateRange(
        StringComparer.Ordinal,
        new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal)
        {
            ["loss"] =
            [
                "kind", "label_smoothing", "class_weights", "balance", "gamma", "alpha", "gamma_positive", "gamma_negative", "margin", "threshold",
                "sum_classes", "l1", "l2",
            ],
            ["optimizer"] =
            [
                "kind", "learning_rate", "weight_decay", "decoupled", "beta1", "beta2", "beta3", "epsilon", "momentum", "nesterov", "momentum_decay",
                "layer_decay", "clip", "clip_norm", "clip_value", "agc_factor",
            ],
            ["schedule"] =
            [
                "kind", "warmup_epochs", "warmup_factor", "cooldown_epochs", "final_factor", "gamma", "step_epochs", "milestones", "climb", "start_factor",
                "cycle_epochs", "cycle_growth", "cycle_decay", "power", "plateau_patience", "plateau_threshold", "plateau_rest",
            ],
        });

    private static readonly ImmutableArray<string> DataKeys =
        ["path", "validation", "folds", "fold", "split_seed", "max_megapixels", "reduced_decoding", "cache_megabytes"];

    /// <summary>Adds the rule by which those versions split to a recipe that one of them wrote, so that their runs keep their validation images.</summary>
    /// <param name="tree">A recipe file; another recipe is not changed.</param>
    public static void AddSplitMethod(JsonObject tree)
    {
        if (tree["data"] is JsonObject data && DataKeys.All(data.ContainsKey) && !data.ContainsKey("split_method"))
        {
            data["split_method"] = "rows";
        }
    }

    /// <summary>Returns whether a section contains every key that those versions wrote.</summary>
    /// <param name="section">Name of the section.</param>
    /// <param name="keys">The section.</param>
    public static bool HasAllKeys(string section, JsonObject keys) => Keys.TryGetValue(section, out var all) && all.All(keys.ContainsKey);
}
