using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>One change of a recipe: a name, and what it sets.</summary>
/// <param name="Name">As people read it.</param>
/// <param name="Set">Each <c>path.to.key=value</c>; a choice that takes several settings has several.</param>
public sealed record StudyChange(string Name, ImmutableArray<string> Set)
{
    /// <summary>A change as the command line has it: <c>path.to.key=value</c>, or several with <c>;</c> between them, and <c>NAME:</c> in front where it has one.</summary>
    /// <exception cref="UsageException">It sets nothing.</exception>
    public static StudyChange Parse(string text)
    {
        var (colon, equals) = (text.IndexOf(": ", StringComparison.Ordinal), text.IndexOf('=', StringComparison.Ordinal));
        var (name, rest) = colon > 0 && colon < equals ? (text[..colon].Trim(), text[(colon + 2)..]) : (text.Trim(), text);
        ImmutableArray<string> set = [.. rest.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        return set.IsEmpty || set.Any(s => s.IndexOf('=', StringComparison.Ordinal) < 1)
            ? throw new UsageException($"--change {text} is not understood; write --change path.to.key=value, such as --change ema.decay=0.998, with ; between settings that belong together.")
            : new StudyChange(name, set);
    }
}
