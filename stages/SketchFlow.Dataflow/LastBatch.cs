namespace SketchFlow.Dataflow;

/// <summary>What becomes of a last group that is not full.</summary>
public enum LastBatch
{
    /// <summary>It goes on, smaller than the others.</summary>
    Keep,

    /// <summary>Its items are disposed and counted as <see cref="FlowReport.Dropped"/> (and <see cref="FlowReport.LeftOver"/>).</summary>
    Drop,
}
