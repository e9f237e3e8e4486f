namespace SketchFlow.Learning.Explanation;

/// <summary>Method that finds the parts of an image which a network's score of a class depends on.</summary>
public enum SaliencyMethod
{
    /// <summary>Features weighted by the mean of their gradients (Selvaraju et al. 2017).</summary>
    GradCam,

    /// <summary>Features weighted by positive gradients, corrected for objects that occur several times (Chattopadhay et al. 2018).</summary>
    GradCamPlusPlus,

    /// <summary>Features multiplied by their gradients at each place (Draelos and Carin 2020).</summary>
    HiResCam,

    /// <summary>Features multiplied by their positive gradients at each place (Jiang et al. 2021).</summary>
    LayerCam,

    /// <summary>Grad-CAM of the difference between a class and similar ones (Zhang et al. 2025).</summary>
    FinerCam,

    /// <summary>Attention followed through all layers; the same for every class (Abnar and Zuidema 2020).</summary>
    AttentionRollout,

    /// <summary>Attention weighted by its positive gradients, followed through all layers (Chefer et al. 2021).</summary>
    AttentionGradient,

    /// <summary>The drop of the score when a square is covered with the colour of the paper (Zeiler and Fergus 2014).</summary>
    Occlusion,
}
