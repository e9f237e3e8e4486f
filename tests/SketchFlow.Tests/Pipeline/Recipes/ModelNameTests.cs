using System.Runtime.CompilerServices;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline.Recipes;

public class ModelNameTests
{
    // Short names that resolve by device, before the architectures.
    private static readonly string[] ShortNames = ["baseline", "resnet", "resnext", "regnety", "convnext", "vit", "eva", "eva02"];

    [Fact]
    public void Every_architecture_and_every_short_name_resolves_to_the_approved_recipes()
    {
        var approved = Path.Combine(Path.GetDirectoryName(Here())!, "ModelName.approved.txt");
        var rows = ShortNames.Concat(Zoo.Names.Order(StringComparer.Ordinal)).Select(name =>
            $"{name}: cpu {Resolved(name, false, false)}, cuda {Resolved(name, true, false)}, pretrained {Resolved(name, true, true)}");
        Assert.Equal(File.ReadAllLines(approved), rows);
    }

    /// <summary>Returns the recipe, with a plus sign if the architecture's own name is set on top of it.</summary>
    private static string Resolved(string name, bool cuda, bool pretrained)
    {
        var (file, set, _, _) = ModelName.Resolve(name, cuda, pretrained);
        Assert.True(File.Exists(file), file);
        Assert.True(set is [] || set is [var only] && only == RecipeOverride.Create("architecture", name), string.Join(' ', set));
        return Path.GetFileNameWithoutExtension(file) + (set.Length == 0 ? "" : "+");
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
