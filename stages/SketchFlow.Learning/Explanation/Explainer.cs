using System.Collections.Immutable;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Batches;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Learning.Explanation;

/// <summary>Finds the parts of images which a network's scores depend on, in float32. One thread owns it.</summary>
/// <remarks>Layers and the layout of tokens come from the recorded forward pass, so that every architecture is explained without settings of its own.</remarks>
public sealed class Explainer
{
    // Cells along a side of the maps of occlusion; a square covers 2 × 2 of them.
    private const int OccludedCells = 14;
    private const int BatchSize = 32;
    private const int Steps = 20;

    private readonly FlatModel _model;
    private readonly SpatialFeature? _feature;
    private readonly AttentionMaps? _attention;

    /// <summary>Records the forward pass of a network, and finds what each method reads.</summary>
    /// <param name="model">The network; the caller keeps ownership.</param>
    public Explainer(FlatModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        using var graph = model.Architecture.Record();
        _feature = SpatialFeature.Find(graph);
        _attention = AttentionMaps.Find(model, graph);
    }

    /// <summary>The features that class activation maps read; null if the network has none with places.</summary>
    public SpatialFeature? Feature => _feature;

    /// <summary>Methods that this network supports.</summary>
    public ImmutableArray<SaliencyMethod> Methods => [.. Enum.GetValues<SaliencyMethod>().Where(Supports)];

    /// <summary>Returns whether the network has what a method reads: features with places, attention, or nothing.</summary>
    public bool Supports(SaliencyMethod method) => method switch
    {
        SaliencyMethod.AttentionRollout or SaliencyMethod.AttentionGradient => _attention is not null,
        SaliencyMethod.Occlusion => true,
        _ => _feature is not null,
    };

    /// <summary>Computes the map of one image.</summary>
    /// <param name="image">The image, as large as the network's input; the caller keeps ownership.</param>
    /// <param name="target">The class.</param>
    /// <param name="method">The method.</param>
    /// <exception cref="RefusalException">The network does not support the method.</exception>
    public SaliencyMap Explain(Pixels image, SaliencyTarget target, SaliencyMethod method)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var scope = torch.NewDisposeScope();
        return Explain(ToDevice(image), target, method);
    }

    /// <summary>Computes the logits of one image.</summary>
    /// <param name="image">The image, as large as the network's input; the caller keeps ownership.</param>
    public float[] Logits(Pixels image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var scope = torch.NewDisposeScope();
        return TensorValues.ToArray(Forward(ToDevice(image)));
    }

    /// <summary>Measures the faithfulness of a map: 20 steps of deletion and of insertion, with the median colour as paper.</summary>
    /// <param name="image">The image, as large as the network's input; the caller keeps ownership.</param>
    /// <param name="target">The class.</param>
    /// <param name="map">The map.</param>
    public Faithfulness Measure(Pixels image, SaliencyTarget target, SaliencyMap map)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(map);
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var full = ToDevice(image);
        var (height, width) = ((int)full.shape[2], (int)full.shape[3]);
        var relevance = map.ToPixels(height, width);
        int[] order = [.. Enumerable.Range(0, relevance.Length).OrderByDescending(i => relevance[i])];
        var rank = new long[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            rank[order[i]] = i;
        }

        var ranks = torch.tensor(rank, device: _model.Device).reshape(1, 1, height, width);
        var paper = Paper(full);
        var steps = Enumerable.Range(0, Steps + 1).Select(step => ranks.lt(Keep((long)order.Length * step / Steps))).ToList();
        return new(
            MeanProbability(steps.Select(most => torch.where(most, paper, full)), target.Class),
            MeanProbability(steps.Select(most => torch.where(most, full, paper)), target.Class));
    }

    /// <summary>
    /// Measures a map by removing pixels at the percentiles 20, 40, 60 and 80 of its relevance, the most and the least relevant ones, and filling them from
    /// their neighbours (<see cref="NoisyLinearImputation"/>).
    /// </summary>
    /// <param name="image">The image, as large as the network's input; the caller keeps ownership.</param>
    /// <param name="target">The class.</param>
    /// <param name="map">The map.</param>
    /// <param name="seed">Seed of the noise.</param>
    public RoadScore MeasureRoad(Pixels image, SaliencyTarget target, SaliencyMap map, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(map);
        using var scope = torch.NewDisposeScope();
        var full = ToDevice(image);
        var (height, width) = ((int)full.shape[2], (int)full.shape[3]);
        var (values, relevance) = (TensorValues.ToArray(full), map.ToPixels(height, width));
        var count = RoadRemoval.Percentiles.Length;
        var filled = new float[2 * count][];
        Parallel.For(0, filled.Length, i =>
        {
            var kept = RoadRemoval.FindKept(relevance, RoadRemoval.Percentiles[i % count], isMostFirst: i < count);
            filled[i] = NoisyLinearImputation.Fill(values, height, width, kept, seed: seed);
        });
        var images = torch.cat([.. filled.Select(one => torch.tensor(one, device: _model.Device).reshape(1, 3, height, width))]);
        var probabilities = TensorValues.ToArray(Forward(images).softmax(1).select(1, target.Class));
        return new(probabilities[..count].Average(), probabilities[count..].Average());
    }

    /// <summary>Computes the map of one image.</summary>
    /// <param name="image">(1, 3, H, W), normalised, on the device of the network.</param>
    /// <param name="target">The class.</param>
    /// <param name="method">The method.</param>
    internal SaliencyMap Explain(torch.Tensor image, SaliencyTarget target, SaliencyMethod method)
    {
        using var scope = torch.NewDisposeScope();
        switch (method)
        {
            case SaliencyMethod.Occlusion:
                return Occlude(image, target);
            case SaliencyMethod.AttentionRollout or SaliencyMethod.AttentionGradient:
                var attention = _attention ?? throw new RefusalException(
                    $"{_model.Architecture.Name} has no attention over the places of an image; use a method of class activation maps, such as gradcam.");
                var (grid, cells) = attention.Compute(image, method == SaliencyMethod.AttentionRollout ? null : target.Score);
                return new(method, grid.Height, grid.Width, [.. cells]);
            default:
                var feature = _feature ?? throw new RefusalException(
                    $"No layer of {_model.Architecture.Name} has one value for each place of an image; use --method occlusion.");
                var map = new ActivationMaps(_model, feature).Compute(
                    image, method, method == SaliencyMethod.FinerCam ? target.Difference : target.Score);
                return new(method, feature.Height, feature.Width, [.. TensorValues.ToArray(map)]);
        }
    }

    // Each cell has the mean drop of the logit over the squares that cover it.
    private SaliencyMap Occlude(torch.Tensor image, SaliencyTarget target)
    {
        using var quiet = torch.no_grad();
        var (height, width) = ((int)image.shape[2], (int)image.shape[3]);
        var side = (Math.Max(height, width) + OccludedCells - 1) / OccludedCells;
        var (rows, columns) = ((height + side - 1) / side, (width + side - 1) / side);
        var paper = Paper(image);
        var plain = TensorValues.ToArray(Forward(image))[target.Class];
        var covered = from row in Enumerable.Range(-1, rows + 1) from column in Enumerable.Range(-1, columns + 1) select (row, column);
        var (drops, counts) = (new float[rows * columns], new int[rows * columns]);
        foreach (var part in covered.Chunk(BatchSize))
        {
            using var scope = torch.NewDisposeScope();
            var images = torch.cat([.. part.Select(place => Cover(image, paper, place.row * side, place.column * side, 2 * side))]);
            var logits = TensorValues.ToArray(Forward(images));
            for (var i = 0; i < part.Length; i++)
            {
                var drop = plain - logits[(i * (logits.Length / part.Length)) + target.Class];
                foreach (var (y, x) in new[] { (0, 0), (0, 1), (1, 0), (1, 1) }.Select(c => (part[i].row + c.Item1, part[i].column + c.Item2)))
                {
                    if (y >= 0 && y < rows && x >= 0 && x < columns)
                    {
                        drops[(y * columns) + x] += drop;
                        counts[(y * columns) + x]++;
                    }
                }
            }
        }

        return new(SaliencyMethod.Occlusion, rows, columns, [.. drops.Zip(counts, (drop, count) => Math.Max(0, drop / count))]);
    }

    private static torch.Tensor Cover(torch.Tensor image, torch.Tensor paper, int top, int left, int side)
    {
        var copy = image.clone();
        var (y, x) = (Math.Max(top, 0), Math.Max(left, 0));
        var (height, width) = (Math.Min(top + side, (int)image.shape[2]) - y, Math.Min(left + side, (int)image.shape[3]) - x);
        copy.narrow(2, y, height).narrow(3, x, width).copy_(paper);
        return copy;
    }

    // The median colour of a drawing is that of its paper.
    private static torch.Tensor Paper(torch.Tensor image)
    {
        var sorted = image.reshape(3, -1).sort(1).Values;
        return sorted.select(1, sorted.shape[1] / 2).reshape(1, 3, 1, 1);
    }

    private double MeanProbability(IEnumerable<torch.Tensor> images, int target)
    {
        var probabilities = images.Chunk(BatchSize)
            .SelectMany(part => TensorValues.ToArray(Forward(torch.cat(part)).softmax(1).select(1, target))).ToList();

        // The area under the curve by trapezoids.
        return probabilities.Zip(probabilities.Skip(1), (a, b) => (a + b) / 2.0).Average();
    }

    private torch.Tensor Forward(torch.Tensor images)
    {
        using var quiet = torch.no_grad();
        return _model.Architecture.Forward(new ForwardContext(_model.Weights), images.clone());
    }

    private torch.Tensor ToDevice(Pixels image)
    {
        using var copy = image.Clone();
        using var batch = PixelBatch.Stack([copy]);
        return Normalize.ToDevice(batch, _model.Architecture.Preprocessing, _model.Device);
    }
}
