using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Fuzz.Readers.Texts;

/// <summary>Overrides of a recipe on the command line, one a line.</summary>
public sealed class OverrideReader() : FileReader("override", new YamlParts(), "r.yaml")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        "epochs=3\noptimizer.learning_rate=0.01\nloss={kind: focal, gamma: 1}\n"u8.ToArray(),
        "augmentation=[{\"rotate\":{\"limit\":5}}]\ndata.fold=null\n"u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder)
    {
        var settings = File.ReadAllText(path, Encoding.UTF8).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        File.WriteAllText(path, "architecture: resnet18\n");
        RecipeFile.Read(path, settings);
        return null;
    }
}
