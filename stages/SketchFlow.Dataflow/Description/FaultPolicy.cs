using SketchFlow.Dataflow.Execution;

namespace SketchFlow.Dataflow.Description;

/// <summary>Treatment of an item whose stage throws. (An exception of the source or the sink always stops the flow.)</summary>
public enum FaultPolicy
{
    /// <summary>The flow stops, every item in flight is disposed, and a <see cref="FlowException"/> names the stage and the item.</summary>
    Stop,

    /// <summary>The item is rejected, with the exception's message as the reason, and the flow continues.</summary>
    Reject,
}
