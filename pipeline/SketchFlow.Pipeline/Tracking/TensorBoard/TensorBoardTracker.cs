using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Tracking.TensorBoard;

/// <summary>Every run's events for TensorBoard, in its folder: a scalar a column of <c>metrics.csv</c> an epoch, and the recipe as text.</summary>
/// <remarks>A resumed run opens a file of its own that takes back what the killed one had logged beyond the checkpoint. A full disk is told once and stops nothing.</remarks>
/// <param name="log">Takes a line for people.</param>
public sealed class TensorBoardTracker(Action<string> log) : IRunObserver, IDisposable
{
    private RunFolder? _folder;
    private TensorBoardEvents? _events;

    /// <inheritdoc/>
    public void Started(RunStart start)
    {
        Dispose();
        _folder = null;
        Attempt(() => Begin(start));
    }

    private void Begin(RunStart start)
    {
        _folder = start.Folder;
        _events = new TensorBoardEvents(start.Folder.Folder, start.Rows.IsEmpty ? null : start.Rows[^1].Epoch + 1);
        // Four spaces make YAML a block of code in Markdown.
        var recipe = RecipeFile.Write(start.Recipe);
        _events.Text("recipe", string.Concat(recipe.Split('\n').Select(line => $"    {line}\n")));
    }

    /// <inheritdoc/>
    public string? Epoch(EpochResult result)
    {
        Attempt(() => _events!.Scalars(result.Metrics.Epoch, result.Values));
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

    private void Attempt(Action write)
    {
        if (_folder is not null && _events is null)
        {
            return; // It failed before, and said so.
        }

        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log($"TensorBoard events are not written any more: {e.Message.TrimEnd('.')}; training goes on.");
            Dispose();
        }
    }
}
