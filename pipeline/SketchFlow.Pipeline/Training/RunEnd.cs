namespace SketchFlow.Pipeline.Training;

/// <summary>How a run came to its end.</summary>
public enum RunEnd
{
    /// <summary>All epochs.</summary>
    Complete,

    /// <summary>Patience ran out.</summary>
    Patience,

    /// <summary>It was below the wanted accuracy after the epochs that it was given.</summary>
    Floor,

    /// <summary>An observer gave it up.</summary>
    Observer,

    /// <summary>Ctrl-C or SIGTERM; it can be resumed.</summary>
    Interrupted,

    /// <summary>An exception.</summary>
    Failed,
}
