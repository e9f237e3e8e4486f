namespace SketchFlow.Dataflow;

/// <summary>A stage, the source or the sink threw: a bad program. The cause is the inner exception.</summary>
public sealed class FlowException : Exception
{
    /// <summary>Names the stage and the item.</summary>
    internal FlowException(string stage, string item, FlowReport report, Exception cause)
        : base($"\"{stage}\" failed on {item}: {cause.Message}", cause) => (Stage, Item, Report) = (stage, item, report);

    /// <summary>The stage's name as described; the source's name, <c>sink</c> or <c>onRejected</c> for those.</summary>
    public string Stage { get; }

    /// <summary>The item as it prints itself, or its place in the source.</summary>
    public string Item { get; }

    /// <summary>The counts of the stopped run.</summary>
    public FlowReport Report { get; }
}
