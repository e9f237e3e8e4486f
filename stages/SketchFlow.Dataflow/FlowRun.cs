using System.Diagnostics.CodeAnalysis;
using SketchFlow.Dataflow.Description;
using SketchFlow.Dataflow.Execution;
using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow;

/// <summary>A running flow, from which its owner pulls values on any thread, one thread at a time.</summary>
/// <remarks>
/// The stages work from the start, up to their capacities. The caller may read a value until the next <see cref="TryTake"/> or
/// <see cref="Dispose"/>, which disposes of it and counts it as processed.
/// </remarks>
/// <typeparam name="T">Type of the values that the flow's last stage makes.</typeparam>
public sealed class FlowRun<T> : IDisposable where T : notnull
{
    private readonly FlowExecution _execution;

    internal FlowRun(FlowExecution execution) => _execution = execution;

    /// <summary>Counts and times of the ended run.</summary>
    /// <exception cref="InvalidOperationException">The run has not ended.</exception>
    public FlowReport Report => _execution.Report;

    /// <summary>Time that the owner has waited for data so far.</summary>
    public TimeSpan Waited => _execution.Waited;

    /// <summary>Waits for the next value, after delivering the rejections before it on this thread.</summary>
    /// <returns>False at the end of the source.</returns>
    /// <exception cref="FlowException">The source, a stage or the sink threw; everything in flight has been disposed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before the end, and <see cref="FlowOptions.ThrowWhenCancelled"/>.</exception>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        var value = _execution.Take();
        item = value is null ? default : (T)value;
        return value is not null;
    }

    /// <summary>Ends the run at its present point and disposes of everything in flight, after waiting for the functions in progress to return.</summary>
    public void Dispose() => _execution.Abandon();

    internal void SinkFailed(Exception cause) => _execution.SinkFailed(cause);
}
