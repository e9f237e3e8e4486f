namespace SketchFlow.Learning.Training.Schedules;

/// <summary>The shape of the learning rate over a run.</summary>
public enum ScheduleKind
{
    /// <summary>The same throughout.</summary>
    Constant,

    /// <summary>Half a cosine from the peak to the final rate (Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts).</summary>
    Cosine,

    /// <summary>Multiplied by gamma every so many epochs.</summary>
    Step,

    /// <summary>Cosine up to the peak and cosine down (Smith and Topin, "Super-convergence", 2018; as PyTorch's OneCycleLR).</summary>
    OneCycle,

    /// <summary>Multiplied by gamma at each of the given epochs.</summary>
    MultiStep,

    /// <summary>Multiplied by gamma over each epoch, a little at every step.</summary>
    Exponential,

    /// <summary>Half cosines, each begun anew from the peak (SGDR; as PyTorch's CosineAnnealingWarmRestarts).</summary>
    CosineRestarts,

    /// <summary>From the peak to the final rate by a power of the share that is left; power 1 is a line.</summary>
    Polynomial,

    /// <summary>Multiplied by gamma when the validation metric has not become better for a while (as PyTorch's ReduceLROnPlateau).</summary>
    Plateau,
}
