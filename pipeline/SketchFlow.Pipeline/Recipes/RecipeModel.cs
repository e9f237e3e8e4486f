using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>From a recipe to its model.</summary>
public static class RecipeModel
{
    /// <summary>The architecture that a recipe names, for so many classes, with the recipe's own normalisation where it has one.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="classes">Length of its logits.</param>
    /// <exception cref="RefusalException">There is no such architecture, or it cannot be had in that size.</exception>
    public static Architecture Build(Recipe recipe, int classes)
    {
        var architecture = Zoo.Build(recipe.Architecture, new ModelOptions
        {
            Classes = classes,
            InputSize = recipe.ImageSize,
            DropPath = recipe.Model.DropPath,
            Dropout = recipe.Model.Dropout,
            LayerScale = recipe.Model.LayerScale,
        });
        return recipe.Preparation is { Mean: { } mean, Std: { } std }
            ? architecture with { Preprocessing = architecture.Preprocessing with { Mean = mean, Std = std } }
            : architecture;
    }
}
