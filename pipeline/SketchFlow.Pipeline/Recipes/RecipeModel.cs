using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Pipeline.Recipes;

/// <summary>Builds the model of a recipe.</summary>
public static class RecipeModel
{
    /// <summary>Builds the architecture that a recipe names, with the recipe's own normalisation if it has one.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="classes">Number of classes.</param>
    /// <exception cref="RefusalException">The architecture does not exist, or does not support the image size.</exception>
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
