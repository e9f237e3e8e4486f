namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Where a setting of a study stands.</summary>
public enum StudyState
{
    /// <summary>Its training was begun, and goes on when the study does.</summary>
    Begun,

    /// <summary>It was trained to the end.</summary>
    Finished,

    /// <summary>It could not be trained.</summary>
    Failed,
}
