using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>A named change of a recipe.</summary>
/// <param name="Name">Human-readable name.</param>
/// <param name="Set">Overrides <c>path.to.key=value</c>; several if they belong together.</param>
public sealed record StudyChange(string Name, ImmutableArray<string> Set)
{
    /// <summary>Parses a change of the command line: <c>path.to.key=value</c>, several separated by <c>;</c>, optionally after <c>NAME:</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="UsageException">It sets nothing.</exception>
    public static StudyChange Parse(string text)
    {
        var (colon, equals) = (text.IndexOf(": ", StringComparison.Ordinal), text.IndexOf('=', StringComparison.Ordinal));
        var (name, rest) = colon > 0 && colon < equals ? (text[..colon].Trim(), text[(colon + 2)..]) : (text.Trim(), text);
        ImmutableArray<string> set = [.. rest.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
        return set.IsEmpty || set.Any(s => s.IndexOf('=', StringComparison.Ordinal) < 1)
            ? throw new UsageException(
                $"--change is '{text}', expected path.to.key=value, such as --change ema.decay=0.998; separate settings that belong together by ';'.")
            : new StudyChange(name, set);
    }
}
