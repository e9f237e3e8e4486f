namespace SketchFlow.Pipeline.Jobs;

/// <summary>A progress display that shows nothing.</summary>
public sealed class NoProgress : IProgressBar
{
    private NoProgress() { }

    /// <summary>Factory of displays that show nothing.</summary>
    public static ProgressBarFactory Factory { get; } = (_, _, _, _) => new NoProgress();

    /// <inheritdoc/>
    public void Report(long done, string detail = "") { }

    /// <inheritdoc/>
    public void Dispose() { }
}
