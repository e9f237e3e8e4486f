using SketchFlow.Dataflow.Reports;

namespace SketchFlow.Dataflow.Execution;

/// <summary>A stage, the source or the sink threw, which is an error in the program. The cause is the inner exception.</summary>
public sealed class FlowException : Exception
{
    /// <summary>Names the stage and the item.</summary>
    internal FlowException(string stage, string item, FlowReport report, Exception cause)
        : base($"\"{stage}\" failed on {item}: {cause.Message}", cause) => (Stage, Item, Report) = (stage, item, report);

    /// <summary>Name of the stage as described, name of the source, <c>sink</c> or <c>onRejected</c>.</summary>
    public string Stage { get; }

    /// <summary>Text of the item, or its index in the source.</summary>
    public string Item { get; }

    /// <summary>Counts of the stopped run.</summary>
    public FlowReport Report { get; }
}
