using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>files ─> decode ─> pad-resize ─> batch ─> infer every view ─> mean ─> logits (Parquet), once for each size.</summary>
/// <remarks>
/// The logits of one split are held in memory (rows × classes doubles) until all views are in. The table's logits are their mean, so that it is read like any
/// other; where views are kept, each has a table of its own in <c>views/RUN/</c> beside it, in the same form, which no ensemble looks for by itself.
/// </remarks>
public sealed partial class PredictJob
{
    private int? _batchSize;

    private SplitPrediction PredictViews(LogitsMetadata metadata, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var classes = data.Classes.Length;
        var passes = _augmentation.Passes(_model.Architecture);
        var places = samples.Select((s, i) => (s.Id, Place: i)).ToDictionary(p => p.Id, p => p.Place);
        var sums = new double[checked(samples.Count * classes)];
        var rejected = new SortedDictionary<int, Rejected>();
        var views = 0;
        using (var bar = Progress.Open($"{run.Name} {metadata.Split}", (long)samples.Count * passes.Length, "images"))
        {
            var done = 0L;
            foreach (var pass in passes)
            {
                using var other = pass.Side == _model.Architecture.InputSize ? null : Load(run, recipe with { ImageSize = pass.Side }, data, device);
                var architecture = (other ?? _model).Architecture;
                var options = Options(architecture);
                options = options with { Preparation = options.Preparation with { Side = pass.Prepared } };
                var inference = new InferenceStep(other ?? _model, architecture.Preprocessing, _precision);
                var kept = _augmentation.KeepViews ? pass.Views.Select(_ => new float[sums.Length]).ToArray() : null;
                ImageFlow.Batches(options, samples).Run(
                    batch =>
                    {
                        var logits = inference.Logits(batch, pass.Views);
                        for (var v = 0; v < logits.Length; v++)
                        {
                            for (var i = 0; i < batch.Count; i++)
                            {
                                var from = logits[v].AsSpan(i * classes, classes);
                                var to = places[batch.Samples[i].Id] * classes;
                                Add(from, sums.AsSpan(to, classes));
                                if (kept is not null)
                                {
                                    from.CopyTo(kept[v].AsSpan(to, classes));
                                }
                            }
                        }

                        bar.Report(done += batch.Count);
                    },
                    reason => rejected[places[reason.Id]] = reason,
                    cancellation);
                for (var v = 0; kept is not null && v < kept.Length; v++)
                {
                    var name = pass.NameOf(pass.Views[v]);
                    var one = metadata with { Tta = name };
                    Write(one, Path.Combine(Path.GetDirectoryName(one.PathBelow(artifacts.Logits))!, "views", one.Name, $"{name}.parquet"), samples, rejected, kept[v]);
                }

                views += pass.Views.Length;
            }
        }

        var path = metadata.PathBelow(artifacts.Logits);
        Write(metadata, path, samples, rejected, [.. sums.Select(s => (float)(s / views))]);
        return Judge(metadata, path, [.. rejected.Values]);
    }

    /// <summary>Predicts with the largest batches that memory holds, from here on.</summary>
    /// <returns>Images a batch, and the bytes that each takes beside the weights (0 where that was not measured).</returns>
    public (int Size, long BytesPerImage) FitBatch()
    {
        var (size, each) = LargestBatch.ForPrediction(_model, _precision, _model.Architecture.InputSize);
        // Larger views take their share more; where that is not enough, Inference halves the batch.
        var largest = _augmentation.IsOff ? _model.Architecture.InputSize : _augmentation.Passes(_model.Architecture).Max(p => p.Side);
        var growth = Math.Pow((double)largest / _model.Architecture.InputSize, 2);
        _batchSize = Math.Max(1, (int)(size / Math.Max(1, growth)));
        return (_batchSize.Value, each);
    }

    private ImageFlowOptions Options(Architecture architecture) =>
        ImageFlow.Options(recipe, architecture) is var options && _batchSize is { } size ? options with { BatchSize = size } : options;

    private static void Add(ReadOnlySpan<float> logits, Span<double> sums)
    {
        for (var c = 0; c < logits.Length; c++)
        {
            sums[c] += logits[c];
        }
    }

    private static void Write(LogitsMetadata metadata, string path, IReadOnlyList<Sample> samples, SortedDictionary<int, Rejected> rejected, float[] logits)
    {
        var classes = metadata.ClassNames.Length;
        using var writer = new LogitsWriter(path, metadata);
        for (var row = 0; row < samples.Count; row++)
        {
            var sample = samples[row];
            if (rejected.TryGetValue(row, out var reason))
            {
                writer.Append(reason, sample.Target);
            }
            else
            {
                writer.Append(sample.Id, sample.ImagePath, sample.Target, logits.AsSpan(row * classes, classes));
            }
        }

        writer.Complete();
    }
}
