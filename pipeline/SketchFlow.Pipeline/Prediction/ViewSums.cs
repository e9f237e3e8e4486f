using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>The logits of the images of a split, summed over the views of test-time augmentation.</summary>
/// <param name="samples">The images, in the order of the table.</param>
/// <param name="classes">Number of classes.</param>
internal sealed class ViewSums(IReadOnlyList<Sample> samples, int classes)
{
    private readonly Dictionary<long, int> _rows = samples.Select((s, i) => (s.Id, Row: i)).ToDictionary(p => p.Id, p => p.Row);
    private readonly double[] _sums = new double[checked(samples.Count * classes)];
    private readonly SortedDictionary<int, Rejected> _rejected = [];
    private float[][] _kept = [];
    private int _views;
    private int _plain = -1;

    /// <summary>The images.</summary>
    public IReadOnlyList<Sample> Samples => samples;

    /// <summary>Number of images predicted so far, over all passes.</summary>
    public long Images { get; private set; }

    /// <summary>The rejected images, in the order of the table.</summary>
    public ImmutableArray<Rejected> Rejected => [.. _rejected.Values];

    /// <summary>Logits of the unchanged images: (rows × classes); null if no pass had that view.</summary>
    public float[]? Plain { get; private set; }

    /// <summary>Starts the pass of one size.</summary>
    /// <param name="views">Number of views of each image.</param>
    /// <param name="keepViews">Whether to keep the logits of each view.</param>
    /// <param name="plain">Position of the view that is the unchanged image; -1 if there is none in this pass.</param>
    /// <returns>The logits of each view (rows × classes), filled during the pass; empty if they are not kept.</returns>
    public float[][] BeginPass(int views, bool keepViews, int plain)
    {
        _views += views;
        _plain = plain;
        if (plain >= 0)
        {
            Plain = new float[_sums.Length];
        }

        return _kept = keepViews ? [.. Enumerable.Range(0, views).Select(_ => new float[_sums.Length])] : [];
    }

    /// <summary>Adds the logits of a batch.</summary>
    /// <param name="batch">The images.</param>
    /// <param name="logits">The logits of each view: float32, (images, classes).</param>
    public void Add(PixelBatch batch, float[][] logits)
    {
        for (var v = 0; v < logits.Length; v++)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var from = logits[v].AsSpan(i * classes, classes);
                var offset = _rows[batch.Samples[i].Id] * classes;
                var sums = _sums.AsSpan(offset, classes);
                for (var c = 0; c < classes; c++)
                {
                    sums[c] += from[c];
                }

                if (v == _plain)
                {
                    from.CopyTo(Plain.AsSpan(offset, classes));
                }

                if (_kept.Length > 0)
                {
                    from.CopyTo(_kept[v].AsSpan(offset, classes));
                }
            }
        }

        Images += batch.Count;
    }

    /// <summary>Records a rejected image.</summary>
    public void Reject(Rejected rejected) => _rejected[_rows[rejected.Id]] = rejected;

    /// <summary>Computes the mean over all views: (rows × classes).</summary>
    public float[] Mean() => [.. _sums.Select(s => (float)(s / _views))];

    /// <summary>Creates a table, with logits of zero for rejected images.</summary>
    /// <param name="path">The file that the table will be written to.</param>
    /// <param name="metadata">The metadata of the table.</param>
    /// <param name="logits">The logits: (rows × classes).</param>
    public LogitsTable CreateTable(string path, LogitsMetadata metadata, float[] logits)
    {
        var table = new LogitsTableBuilder(path, metadata, samples.Count);
        for (var row = 0; row < samples.Count; row++)
        {
            if (_rejected.TryGetValue(row, out var reason))
            {
                table.Add(reason, samples[row].Target);
            }
            else
            {
                table.Add(samples[row], logits.AsSpan(row * classes, classes));
            }
        }

        return table.ToTable();
    }
}
