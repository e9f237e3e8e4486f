namespace SketchFlow.Dataflow.Reports;

/// <summary>The way in which a run ended.</summary>
public enum FlowOutcome
{
    /// <summary>Every item of the source was processed or rejected.</summary>
    Complete,

    /// <summary>The token was cancelled before the end of the source.</summary>
    Cancelled,

    /// <summary>The source, a stage, the sink or the receiver of rejections threw.</summary>
    Faulted,

    /// <summary>The owner disposed of the run before its end.</summary>
    Abandoned,
}
