namespace SketchFlow.Dataflow;

/// <summary>What becomes of an item whose stage throws. (A source or a sink that throws always stops the flow.)</summary>
public enum FaultPolicy
{
    /// <summary>The flow stops, everything under way is disposed, and a <see cref="FlowException"/> names the stage and the item.</summary>
    Stop,

    /// <summary>The item is rejected, with the exception's message as the reason; the flow goes on.</summary>
    Reject,
}
