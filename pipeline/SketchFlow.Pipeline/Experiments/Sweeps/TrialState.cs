namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>How a trial is.</summary>
public enum TrialState
{
    /// <summary>Begun and not ended: it is under way, or the program was killed in it.</summary>
    Running,

    /// <summary>Trained to its end.</summary>
    Finished,

    /// <summary>Ended early by hyperband.</summary>
    Stopped,

    /// <summary>Ended by an error.</summary>
    Failed,
}
