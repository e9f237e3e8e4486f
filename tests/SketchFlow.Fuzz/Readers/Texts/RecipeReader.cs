using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Recipes.</summary>
public sealed class RecipeReader() : FileReader("recipe", new YamlParts(), "r.yaml")
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Cases => ["yaml/laughs.yaml", "yaml/cyc.yaml", "yaml/n?.yaml", "yaml/extnum.yaml", "yaml/recipe-*.bin"];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        System.Text.Encoding.UTF8.GetBytes(RecipeFile.Write(new Recipe())),
        """
        architecture: resnet18
        image_size: 64
        epochs: 3
        optimizer: { kind: adamw, learning_rate: 0.001, weight_decay: 0.05 }
        loss:
          kind: focal
          gamma: 2

        """u8.ToArray(),
        """
        augmentation:
        - rotate: { limit: 15, p: 0.5 }
        - horizontal-flip
        schedule: { kind: one_cycle }
        mixing: { mixup: 0.2 }
        data: { folds: 5, fold: 0 }

        """u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        RecipeFile.Read(path, []);
        return null;
    }
}
