using System.Globalization;

namespace SketchFlow.Pipeline.Ensembles;

/// <summary>A way of choosing and combining the models that was not measured, because it would exceed the budget.</summary>
/// <param name="Name">Description of the combination.</param>
/// <param name="Seconds">Estimated duration in seconds.</param>
/// <param name="AllSeconds">Estimated duration of all combinations in seconds.</param>
/// <param name="Budget">The budget in seconds: <see cref="EnsembleOptions.Seconds"/>.</param>
public sealed record SkippedCandidate(string Name, double Seconds, double AllSeconds, double Budget)
{
    /// <summary>Describes what was skipped, with the option that measures all combinations.</summary>
    /// <param name="skipped">At least one skipped combination.</param>
    public static string Describe(IReadOnlyList<SkippedCandidate> skipped)
    {
        ArgumentNullException.ThrowIfNull(skipped);
        var (all, budget) = (skipped[0].AllSeconds, skipped[0].Budget);
        var enough = Math.Ceiling(all / 10) * 10;
        var names = string.Join("; ", skipped.Select(s => $"{s.Name} (estimated {Text(s.Seconds)})"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Skipped: {names}. All combinations take an estimated {Text(all)}, the limit is --seconds {budget}; add --seconds {enough} to measure them all.");
    }

    private static string Text(double seconds) => seconds.ToString(seconds < 1 ? "0.###" : seconds < 10 ? "0.#" : "0", CultureInfo.InvariantCulture) + " s";
}
