using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.TensorBoard;

/// <summary>
/// Writes TensorBoard events into the folder of every run: each column of <c>metrics.csv</c> as a scalar per epoch, and the recipe as text.
/// </summary>
/// <remarks>
/// A resumed run opens a new file, which discards events that the interrupted run had logged after the checkpoint. A write error, such as a
/// full disk, is reported once and does not stop training.
/// </remarks>
/// <param name="log">Receives log messages.</param>
public sealed class TensorBoardTracker(Action<string> log) : IRunObserver, IDisposable
{
    private TensorBoardEvents? _events;

    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        Dispose();
        Attempt(() => Begin(start));
    }

    /// <inheritdoc/>
    public string? Epoch(EpochResult result)
    {
        if (_events is { } events)
        {
            Attempt(() => events.Scalars(result.Metrics.Epoch, result.Values));
        }

        return null;
    }

    /// <inheritdoc/>
    public void Ended(RunEnd end, EpochMetrics? best) => Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        _events?.Dispose();
        _events = null;
    }

    private void Begin(RunStart start)
    {
        _events = new TensorBoardEvents(start.Folder.Folder, start.Rows.IsEmpty ? null : start.Rows[^1].Epoch + 1);

        // Four spaces turn YAML into a code block in Markdown.
        var recipe = RecipeFile.Write(start.Recipe);
        _events.Text("recipe", string.Concat(recipe.Split('\n').Select(line => $"    {line}\n")));
    }

    private void Attempt(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"TensorBoard events cannot be written: {e.Message.TrimEnd('.')}; training continues without them.");
            Dispose();
        }
    }
}
