namespace SketchFlow.Scoring.Ensembling.Fitting;

/// <summary>Inputs of each class in a stack.</summary>
public enum StackForm
{
    /// <summary><see cref="Full"/> if a pass takes at most <see cref="Stacking.MostProducts"/> products, else <see cref="OwnClass"/>.</summary>
    Auto,

    /// <summary>Every model's logits of every class: models × classes + 1 coefficients per class.</summary>
    Full,

    /// <summary>Every model's logit of the class itself: models + 1 coefficients per class, the others fixed at 0.</summary>
    OwnClass,
}
