using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Training;

/// <summary>Estimates how long the trainings that are left will take, from those that ended.</summary>
public static class TrialsLeft
{
    /// <summary>Describes the time that is left, by the mean of the trainings before; null if none ended or none is left.</summary>
    /// <param name="seconds">Seconds of each training that ended with a result.</param>
    /// <param name="left">Number of trainings that are left.</param>
    /// <param name="noun">Name of one training: trial or setting.</param>
    public static string? Describe(IEnumerable<double> seconds, int left, string noun)
    {
        double[] taken = [.. seconds.Where(s => s > 0)];
        return taken.Length == 0 || left <= 0 ? null : $"about {Duration.Text(TimeSpan.FromSeconds(taken.Average() * left))} left for {Plural.Of(left, noun)}";
    }
}
