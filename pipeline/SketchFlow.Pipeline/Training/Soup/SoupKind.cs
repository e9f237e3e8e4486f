namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>Method by which the ingredients of a soup are selected.</summary>
public enum SoupKind
{
    /// <summary>From best to worst, each is kept if the mean with it is not worse on the validation images (Wortsman et al. 2022, recipe 1).</summary>
    Greedy,

    /// <summary>All weights are kept.</summary>
    Uniform,
}
