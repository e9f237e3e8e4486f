using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Pipeline.Installation;

/// <summary>Shows the progress of a download in megabytes; the display opens when the size is known.</summary>
/// <param name="open">Opens the display.</param>
/// <param name="title">Name of the download.</param>
internal sealed class MegabyteProgress(ProgressBarFactory open, string title) : IDisposable
{
    private const double Megabyte = 1e6;

    private IProgressBar? _display;

    /// <summary>Updates the display.</summary>
    /// <param name="done">Number of bytes that are there.</param>
    /// <param name="total">Number of all bytes; 0 if it is not known.</param>
    public void Report(long done, long total)
    {
        _display ??= open(title, (long)Math.Ceiling(total / Megabyte), "MB");
        _display.Report((long)(done / Megabyte));
    }

    /// <inheritdoc/>
    public void Dispose() => _display?.Dispose();
}
