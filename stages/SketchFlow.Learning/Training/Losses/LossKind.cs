namespace SketchFlow.Learning.Training.Losses;

/// <summary>What is made of logits and targets.</summary>
public enum LossKind
{
    /// <summary>Softmax cross entropy; with (N, classes) targets the soft-target form that Mixup and CutMix need.</summary>
    CrossEntropy,

    /// <summary>Cross entropy whose easy images count less: each class's term times (1 - p)^gamma (Lin et al., ICCV 2017).</summary>
    Focal,

    /// <summary>A sigmoid for each class, each its own yes or no (Wightman et al., "ResNet strikes back", 2021).</summary>
    BinaryCrossEntropy,

    /// <summary>Sigmoids with different focusing for yes and no, and a margin below which a no costs nothing (Ridnik et al., ICCV 2021).</summary>
    Asymmetric,

    /// <summary>The same authors' form for one class an image: softmax, focused differently for the target and the others; no margin.</summary>
    AsymmetricSoftmax,
}
