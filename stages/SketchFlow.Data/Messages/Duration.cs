using System.Globalization;

namespace SketchFlow.Data.Messages;

/// <summary>Formats durations for readers.</summary>
public static class Duration
{
    /// <summary>Formats a duration with its two largest units: <c>2 d 3 h</c>, <c>1 h 20 min</c>, <c>14 min</c>, <c>3 min 20 s</c>, <c>45 s</c>.</summary>
    public static string Text(TimeSpan duration) => duration switch
    {
        { TotalDays: >= 1 } => $"{N(Math.Floor(duration.TotalDays))} d {duration.Hours} h",
        { TotalHours: >= 1 } => $"{duration.Hours} h {duration.Minutes} min",
        { TotalMinutes: >= 10 } => $"{N(Math.Round(duration.TotalMinutes))} min",
        { TotalMinutes: >= 1 } => $"{duration.Minutes} min {duration.Seconds} s",
        _ => $"{N(Math.Max(0, Math.Ceiling(duration.TotalSeconds)))} s",
    };

    private static string N(double number) => number.ToString("0", CultureInfo.InvariantCulture);
}
