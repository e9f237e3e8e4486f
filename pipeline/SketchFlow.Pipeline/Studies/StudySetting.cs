using System.Security.Cryptography;
using System.Text;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Studies;

/// <summary>One setting of a study: a name and the whole recipe that it stands for.</summary>
/// <param name="Name">As people read it, such as <c>label smoothing 0.1</c>.</param>
/// <param name="Recipe">What is trained.</param>
/// <param name="Says">What the name leaves open, such as the size of a model or the keys that a change sets; empty where there is nothing to say.</param>
public sealed record StudySetting(string Name, Recipe Recipe, string Says = "")
{
    /// <summary>Of the whole recipe: another number of epochs, seed, image size or data set is another training. A description is not.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RecipeFile.Write(Recipe with { Description = "" }))))[..16];

    /// <summary>The name as a part of a run's: letters, digits, dots and hyphens.</summary>
    public string RunPart => string.Join('-', string.Concat(Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-')).Split('-', StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } part ? part : "setting";
}
