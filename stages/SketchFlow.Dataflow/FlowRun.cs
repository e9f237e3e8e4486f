using System.Diagnostics.CodeAnalysis;

namespace SketchFlow.Dataflow;

/// <summary>A flow under way, from which its owner pulls values on a thread of its choice, one thread at a time.</summary>
/// <remarks>
/// Stages have worked since the start, up to their capacities. A value is the caller's to read until the next
/// <see cref="TryTake"/> or <see cref="Dispose"/>, which disposes of it and counts it as processed.
/// </remarks>
/// <typeparam name="T">What the flow's last stage makes.</typeparam>
public sealed class FlowRun<T> : IDisposable where T : notnull
{
    private readonly FlowExecution _execution;

    internal FlowRun(FlowExecution execution) => _execution = execution;

    /// <summary>The counts and times, once the run has ended.</summary>
    /// <exception cref="InvalidOperationException">The run has not ended.</exception>
    public FlowReport Report => _execution.Report;

    /// <summary>Time that the owner has waited for data so far.</summary>
    public TimeSpan Waited => _execution.Waited;

    /// <summary>Waits for the next value; rejections before it are delivered on this thread first.</summary>
    /// <returns>False at the end of the source.</returns>
    /// <exception cref="FlowException">Something threw; everything under way has been disposed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the end, and <see cref="FlowOptions.ThrowWhenCancelled"/>.</exception>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        var value = _execution.Take();
        item = value is null ? default : (T)value;
        return value is not null;
    }

    /// <summary>Ends the run, wherever it is, and disposes of everything under way; waits for the functions under way to return.</summary>
    public void Dispose() => _execution.Abandon();

    internal void SinkFailed(Exception cause) => _execution.SinkFailed(cause);
}
