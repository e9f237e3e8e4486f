namespace SketchFlow.Pipeline.Classification;

/// <summary>Averages the logits of views or of folds, in double precision and in their order, as the tables of <c>predict</c> are.</summary>
internal static class LogitsMean
{
    /// <summary>Returns the mean of arrays of equal length.</summary>
    /// <param name="logits">At least one array: float32, (images, classes).</param>
    public static float[] Of(IEnumerable<float[]> logits)
    {
        double[]? sums = null;
        var count = 0;
        foreach (var one in logits)
        {
            sums ??= new double[one.Length];
            count++;
            for (var i = 0; i < one.Length; i++)
            {
                sums[i] += one[i];
            }
        }

        return [.. sums!.Select(s => (float)(s / count))];
    }
}
