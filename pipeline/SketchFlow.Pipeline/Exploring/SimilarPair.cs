namespace SketchFlow.Pipeline.Exploring;

/// <summary>Two classes whose drawings resemble each other.</summary>
/// <param name="First">Number of the first class.</param>
/// <param name="Second">Number of the second class.</param>
/// <param name="FirstAsSecond">Number of images of the first class that are nearest to the mean of the second.</param>
/// <param name="SecondAsFirst">Number of images of the second class that are nearest to the mean of the first.</param>
/// <param name="Share">The smaller of the two shares of the classes, 0 to 1.</param>
internal sealed record SimilarPair(int First, int Second, int FirstAsSecond, int SecondAsFirst, double Share)
{
    /// <summary>Creates a pair.</summary>
    /// <param name="first">Number of the first class.</param>
    /// <param name="second">Number of the second class.</param>
    /// <param name="firstAsSecond">Number of images of the first class that are nearest to the mean of the second.</param>
    /// <param name="secondAsFirst">Number of images of the second class that are nearest to the mean of the first.</param>
    /// <param name="counts">Number of images of each class.</param>
    public static SimilarPair Create(int first, int second, int firstAsSecond, int secondAsFirst, IReadOnlyList<int> counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        return new SimilarPair(
            first, second, firstAsSecond, secondAsFirst, Math.Min((double)firstAsSecond / counts[first], (double)secondAsFirst / counts[second]));
    }
}
