using System.Collections.Concurrent;
using System.Collections.Immutable;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>An engine that waits at a gate and can fail; the darker an image, the more probable its first class.</summary>
internal sealed class GatedEngine : IClassificationEngine
{
    public const int Side = 8;

    private int _callers;

    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    /// <summary>Set when a batch is being computed.</summary>
    public ManualResetEventSlim Entered { get; } = new();

    public ConcurrentQueue<int> Batches { get; } = [];

    /// <summary>Images whose first pixel has this value fail; null for none.</summary>
    public byte? Poison { get; set; }

    public string Name => "test";

    public string Title => "the test";

    public ImmutableArray<ClassName> Classes { get; } = [new("dark"), new("light"), new("none")];

    public ImmutableArray<string> Notes => [];

    public DecodeOptions Decode { get; } = new() { RememberGrey = false };

    public ImmutableArray<PadResizeOptions> Sizes { get; } = [new() { Side = Side }];

    public int BatchSize => 64;

    public int Workers => 2;

    public EnsemblePrediction Predict(PreparedBatch batch)
    {
        Assert.Equal(1, Interlocked.Increment(ref _callers));
        Entered.Set();
        Gate.Wait();
        var images = batch.Sizes[0];
        Batches.Enqueue(images.Count);
        try
        {
            var each = images.Length / images.Count;
            var means = Enumerable.Range(0, images.Count).Select(i => images.Buffer.AsSpan(i * each, each).ToArray()).ToList();
            if (means.Exists(m => m[0] == Poison))
            {
                throw new InvalidOperationException("poisoned");
            }

            var shares = means.ConvertAll(m => 0.9 * (1 - (m.Average(b => (double)b) / 255)));
            return new EnsemblePrediction(3, [.. shares.SelectMany(s => (double[])[s, 0.9 - s, 0.1])], [.. shares.Select(s => s > 0.45 ? 0 : 1)]);
        }
        finally
        {
            Interlocked.Decrement(ref _callers);
        }
    }

    public void Dispose()
    {
        Gate.Dispose();
        Entered.Dispose();
    }
}
