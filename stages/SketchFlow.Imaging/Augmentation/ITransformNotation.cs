namespace SketchFlow.Imaging.Augmentation;

/// <summary>A transform that recipes may also write in a notation that contains its options. <see cref="Transform"/> finds it by reflection.</summary>
internal interface ITransformNotation
{
    /// <summary>Returns true for a name in this notation.</summary>
    bool IsNotation(string name);

    /// <summary>Creates the transform that a text in this notation describes.</summary>
    Transform Parse(string notation);
}
