namespace SketchFlow.Pipeline.Training.Soup;

/// <summary>How a soup is made.</summary>
public enum SoupKind
{
    /// <summary>From the best on, each is kept if the mean with it is no worse on validation (Wortsman et al., recipe 1).</summary>
    Greedy,

    /// <summary>The mean of all.</summary>
    Uniform,
}
