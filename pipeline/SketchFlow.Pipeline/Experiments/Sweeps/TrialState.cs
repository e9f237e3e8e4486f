namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>States of a trial.</summary>
public enum TrialState
{
    /// <summary>Started and not ended: the trial is running, or the program was killed during it.</summary>
    Running,

    /// <summary>Trained to its last epoch.</summary>
    Finished,

    /// <summary>Stopped early by hyperband.</summary>
    Stopped,

    /// <summary>Ended by an error.</summary>
    Failed,
}
