namespace SketchFlow.Learning.Models;

/// <summary>Names of the recipes whose settings train an architecture on a CPU and on a GPU (files in pipeline/recipes, without the extension).</summary>
/// <param name="Cpu">Name of the recipe for training on a CPU.</param>
/// <param name="Gpu">Name of the recipe for training on a GPU.</param>
public sealed record DefaultRecipe(string Cpu, string Gpu)
{
    /// <summary>The recipe of families that name none, and of single models that differ from their family.</summary>
    public static DefaultRecipe Generic { get; } = Same("resnet18");

    /// <summary>Creates the choice of one recipe for both kinds of device.</summary>
    public static DefaultRecipe Same(string recipe) => new(recipe, recipe);

    /// <summary>Returns the name of the recipe for a GPU or for a CPU.</summary>
    public string On(bool gpu) => gpu ? Gpu : Cpu;
}
