using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Preparing;

/// <summary>Draws a contact sheet of augmentation: one row per transform with the original at its left, and one row for all transforms together.</summary>
public sealed record TransformPreview
{
    /// <summary>The transforms; each is applied with probability 1 in its row.</summary>
    public required ImmutableArray<Transform> Augmentation { get; init; }

    /// <summary>Options of resizing to one size.</summary>
    public required PadResizeOptions Preparation { get; init; }

    /// <summary>Whether to add a row for all transforms together, with their own probabilities.</summary>
    public bool Whole { get; init; } = true;

    /// <summary>Number of augmented images per row.</summary>
    public int Samples { get; init; } = 5;

    /// <summary>Side of each image in pixels.</summary>
    public int Side { get; init; } = 128;

    /// <summary>Random seed of the transforms.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Draws the sheet from images spread evenly over <paramref name="samples"/>.</summary>
    /// <exception cref="RefusalException">No image could be read, or a number is out of range.</exception>
    public Pixels Draw(IReadOnlyList<Sample> samples)
    {
        if (Samples is < 1 or > 50 || Side is < 32 or > 1024)
        {
            throw new RefusalException($"Expected --samples from 1 to 50 and --side from 32 to 1024 px, got {Samples} and {Side}.");
        }

        var rows = Rows();
        var originals = Originals(samples, rows.Count);
        var cells = new List<List<(string, Pixels)>>();
        try
        {
            for (var row = 0; row < rows.Count; row++)
            {
                var original = originals[row % originals.Count];
                cells.Add([("original", original.Clone())]);
                for (var epoch = 0; epoch < Samples; epoch++)
                {
                    cells[^1].Add((rows[row].Name, rows[row].Plan.Apply(original, Seed, epoch)));
                }
            }

            return ContactSheet.Draw(cells, Side, ContactSheet.BandCount(rows.Count, Samples + 1, Side));
        }
        finally
        {
            originals.ForEach(o => o.Dispose());
            cells.ForEach(row => row.ForEach(cell => cell.Item2.Dispose()));
        }
    }

    private List<(string Name, AugmentPlan Plan)> Rows()
    {
        var rows = Augmentation.Select(t => (Whole ? NameOf(t) : t.Name, AugmentPlan.Compile([t with { P = 1 }]))).ToList();
        if (Whole)
        {
            rows.Add((Augmentation.IsEmpty ? "no augmentation" : "all together", AugmentPlan.Compile(Augmentation)));
        }

        return rows;
    }

    // A composite transform of a recipe is named by its parts, because the images show those.
    private static string NameOf(Transform transform) => transform switch
    {
        Sequence or Sometimes => string.Join(" + ", ((CompositeTransform)transform).Transforms.Select(NameOf)),
        CompositeTransform choice => string.Join(" / ", choice.Transforms.Select(NameOf)),
        _ => transform.Name,
    };

    private List<Pixels> Originals(IReadOnlyList<Sample> samples, int requested)
    {
        var count = Math.Min(requested, samples.Count);
        var originals = new List<Pixels>();
        var options = new ImageFlowOptions { Preparation = Preparation };
        ImageFlow.Images(options, [.. Enumerable.Range(0, count).Select(i => samples[(int)((long)i * samples.Count / count)])])
            .Run(pixels => originals.Add(pixels.Clone()));
        return originals.Count > 0 ? originals : throw new RefusalException($"None of the first {count} training images could be read.");
    }
}
