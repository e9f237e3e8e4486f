namespace SketchFlow.Pipeline.Jobs;

/// <summary>Shows the progress of a long operation; disposing it ends the display.</summary>
public interface IProgressBar : IDisposable
{
    /// <summary>Updates the display.</summary>
    /// <param name="done">Number of items that are finished.</param>
    /// <param name="detail">Further text to show, such as the loss.</param>
    void Report(long done, string detail = "");
}
