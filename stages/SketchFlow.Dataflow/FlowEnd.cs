namespace SketchFlow.Dataflow;

/// <summary>How a run ended.</summary>
public enum FlowEnd
{
    /// <summary>Every item of the source was processed or rejected.</summary>
    Complete,

    /// <summary>The token was cancelled before.</summary>
    Cancelled,

    /// <summary>Something threw.</summary>
    Faulted,

    /// <summary>The owner disposed of the run before its end.</summary>
    Abandoned,
}
