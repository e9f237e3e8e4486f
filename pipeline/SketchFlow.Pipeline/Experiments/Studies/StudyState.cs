namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>States of a training of a study; their names are written into its CSV table.</summary>
public enum StudyState
{
    /// <summary>The training has started; the next study resumes it.</summary>
    Begun,

    /// <summary>The training has ended.</summary>
    Finished,

    /// <summary>The setting could not be trained.</summary>
    Failed,
}
