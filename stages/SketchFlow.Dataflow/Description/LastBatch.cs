using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow.Description;

/// <summary>Treatment of a last batch that is not full.</summary>
public enum LastBatch
{
    /// <summary>It is passed on, smaller than the others.</summary>
    Keep,

    /// <summary>The flow disposes of its items and counts them as <see cref="FlowReport.Dropped"/> and <see cref="FlowReport.LeftOver"/>.</summary>
    Drop,
}
