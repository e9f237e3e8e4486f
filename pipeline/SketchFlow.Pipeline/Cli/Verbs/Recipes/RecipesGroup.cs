namespace SketchFlow.Pipeline.Cli.Verbs.Recipes;

/// <summary>The verbs <c>recipes …</c>.</summary>
[Verb("recipes", "Recipes: list them, show one, list all keys.", Order = 90, Examples = ["sketchflow recipes list", "sketchflow recipes keys optimizer"])]
public sealed class RecipesGroup : VerbGroup;
