using System.Collections.Immutable;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Recipes;

public static partial class RecipeFile
{
    private static readonly string[] RecipeFolders = ["cpu", "gpu", "report", "bench"];

    private static readonly Lazy<ImmutableSortedDictionary<string, string>> Files = new(() => RecipeFolders
        .SelectMany(f => Directory.EnumerateFiles(Path.Combine(Folder, f), "*.yaml"))
        .ToImmutableSortedDictionary(f => Path.GetFileNameWithoutExtension(f), f => f, StringComparer.Ordinal));

    /// <summary>Folder of the recipes, presets, studies and sweeps that are part of the program.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "recipes");

    /// <summary>Names of the recipes that are part of the program, of all folders.</summary>
    public static ImmutableArray<string> Names => [.. Files.Value.Keys];

    /// <summary>Returns the file of the program's recipe of that name.</summary>
    /// <exception cref="RefusalException">There is no recipe of that name; the message names a similar one.</exception>
    public static string Find(string name) => TryFind(name)
        ?? throw new RefusalException(
            $"There is no recipe {name}{Spelling.DidYouMean(name, Names)}; sketchflow recipes list shows those of the program.");

    /// <summary>Returns the file of the program's recipe of that name, or null.</summary>
    public static string? TryFind(string name) => Files.Value.GetValueOrDefault(name);
}
