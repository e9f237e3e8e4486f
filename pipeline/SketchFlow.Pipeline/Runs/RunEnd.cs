namespace SketchFlow.Pipeline.Runs;

/// <summary>The reason for which a run ended.</summary>
public enum RunEnd
{
    /// <summary>All epochs are done.</summary>
    Complete,

    /// <summary>Early stopping: too many epochs passed without improvement.</summary>
    Patience,

    /// <summary>The accuracy was below <c>stopping.floor</c> after <c>stopping.floor_epochs</c>.</summary>
    Floor,

    /// <summary>An observer stopped the run, such as the early termination of a sweep.</summary>
    Observer,

    /// <summary>Ctrl-C or SIGTERM; the run can be resumed.</summary>
    Interrupted,

    /// <summary>An exception.</summary>
    Failed,
}
