using System.Collections.Immutable;

namespace SketchFlow.Inference;

/// <summary>Selects the most probable classes.</summary>
public static class TopClasses
{
    /// <summary>Returns the most probable classes of one image, most probable first.</summary>
    /// <param name="probabilities">One per class.</param>
    /// <param name="predicted">The predicted class, which is always the first.</param>
    /// <param name="classes">The classes, in the order of their numbers.</param>
    /// <param name="count">Number of classes.</param>
    public static ImmutableArray<ClassProbability> Of(double[] probabilities, int predicted, ImmutableArray<ClassName> classes, int count)
    {
        ArgumentNullException.ThrowIfNull(probabilities);
        return [.. Select(probabilities, predicted, count).Select(c => new ClassProbability(classes[c], c, probabilities[c]))];
    }

    /// <summary>Returns the numbers of the most probable classes, most probable first; of equal ones the lowest number is first.</summary>
    /// <param name="probabilities">One per class.</param>
    /// <param name="predicted">The predicted class, which is always the first: ties are decided before probabilities are rounded.</param>
    /// <param name="count">Number of classes.</param>
    public static int[] Select(ReadOnlySpan<double> probabilities, int predicted, int count)
    {
        // A heap whose root is the least of the best: thousands of classes are read once.
        var best = new PriorityQueue<int, (double Probability, int Class)>();
        for (var c = 0; c < probabilities.Length; c++)
        {
            var priority = (c == predicted ? double.PositiveInfinity : probabilities[c], -c);
            if (best.Count < count)
            {
                best.Enqueue(c, priority);
            }
            else
            {
                _ = best.EnqueueDequeue(c, priority);
            }
        }

        var selected = new int[best.Count];
        for (var i = selected.Length - 1; i >= 0; i--)
        {
            selected[i] = best.Dequeue();
        }

        return selected;
    }
}
