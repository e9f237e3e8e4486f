using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Runs.Listing;

/// <summary>Finds the built-in recipe that a run's recipe derives from, to tell settings that come with it from those that the user changed.</summary>
internal sealed class RecipeOrigins
{
    private readonly Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> _known = new(StringComparer.Ordinal);

    /// <summary>Finds the built-in recipe of the same architecture with the fewest other values; null if there is none.</summary>
    public IReadOnlyDictionary<string, string>? Find(IReadOnlyDictionary<string, string> recipe)
    {
        var candidates = recipe.TryGetValue("architecture", out var architecture) ? Candidates(architecture) : [];
        return candidates.MinBy(c => c.Count(k => recipe.GetValueOrDefault(k.Key) != k.Value));
    }

    private IReadOnlyList<IReadOnlyDictionary<string, string>> Candidates(string architecture)
    {
        if (_known.TryGetValue(architecture, out var known))
        {
            return known;
        }

        var found = new List<IReadOnlyDictionary<string, string>>();
        foreach (var name in RecipeFile.Names.Append(architecture))
        {
            try
            {
                var (file, own, _, _) = ModelName.Resolve(name, cuda: false);
                var flat = RecipeKeys.Flatten(RecipeFile.Load(file, own));
                if (flat.GetValueOrDefault("architecture") == architecture)
                {
                    found.Add(flat);
                }
            }
            catch (Exception e) when (e is RefusalException or UsageException)
            {
                // Not a recipe of an architecture that this version knows.
            }
        }

        return _known[architecture] = found;
    }
}
