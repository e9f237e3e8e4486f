namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>What a stacked class may look at.</summary>
public enum StackForm
{
    /// <summary>Full where it takes at most <see cref="Stacking.MostProducts"/> products a pass, else own class.</summary>
    Auto,

    /// <summary>Every model's logits of every class: models × classes + 1 coefficients a class.</summary>
    Full,

    /// <summary>Every model's logit of the class itself: models + 1 coefficients a class, the others held at 0.</summary>
    OwnClass,
}
