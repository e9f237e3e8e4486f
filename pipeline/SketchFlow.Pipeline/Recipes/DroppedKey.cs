namespace SketchFlow.Pipeline.Recipes;

/// <summary>A key that was not used, because the kind that was chosen for its section has no such option.</summary>
/// <param name="Key">Dotted path of the key, such as <c>schedule.step_epochs</c>.</param>
/// <param name="Kind">Kind of the section, such as <c>cosine</c>.</param>
/// <param name="Source">File that set the key, or <c>--set</c>.</param>
public sealed record DroppedKey(string Key, string Kind, string Source)
{
    /// <summary>Returns a sentence for <c>--verbose</c>.</summary>
    public override string ToString() => $"Ignored {Key} of {Source}: {Kind} has no such option.";
}
