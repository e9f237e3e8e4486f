using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Inference;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Test-time augmentation: files ─> decode ─> pad-resize ─> batch ─> infer every view ─> mean ─> logits (Parquet), once per size.</summary>
/// <remarks>
/// The summed logits of a split (rows × classes doubles) are kept in memory until all views are done. The logits of the table are the mean over the
/// views, so that it is read like any other table. Views that are kept get one table each in <c>views/RUN/</c>, in the same format.
/// </remarks>
public sealed partial class PredictJob
{
    // The third value is the table of the unchanged images; null if no view shows them whole.
    private (LogitsTable Table, ImmutableArray<Rejected> Rejected, LogitsTable? Plain) PredictViews(
        LogitsMetadata metadata, IReadOnlyList<Sample> samples, CancellationToken cancellation)
    {
        var passes = _augmentation.Passes(_model.Architecture);
        var sums = new ViewSums(samples, data.Classes.Length);
        using (var bar = context.Progress($"{run.Name} {metadata.Split}", (long)samples.Count * passes.Length, "images"))
        {
            foreach (var pass in passes)
            {
                PredictPass(metadata, pass, sums, bar, cancellation);
            }
        }

        var unaugmented = metadata with { Tta = TestTimeAugmentation.Off };
        return (
            sums.CreateTable(_store.PathOf(metadata), metadata, sums.Mean()),
            sums.Rejected,
            sums.Plain is { } plain ? sums.CreateTable(_store.PathOf(unaugmented), unaugmented, plain) : null);
    }

    private void PredictPass(LogitsMetadata metadata, TtaPass pass, ViewSums sums, IProgressBar bar, CancellationToken cancellation)
    {
        using var resized = pass.Side == _model.Architecture.InputSize ? null : LoadModel(run, recipe with { ImageSize = pass.Side }, data, context);
        var model = resized ?? _model;
        var options = Options(model.Architecture);
        options = options with { Preparation = options.Preparation with { Side = pass.PreparedSide } };
        using var inference = Open(model, pass.PreparedSide, pass.Views);
        var plain = pass.Name.Length == 0 ? pass.Views.IndexOf(TtaView.Plain) : -1;
        var kept = sums.BeginPass(pass.Views.Length, _augmentation.KeepViews, plain);
        ImageFlow.Batches(options, sums.Samples).Run(
            batch =>
            {
                sums.Add(batch, [.. inference.Logits(batch).Select(ToDataSet)]);
                bar.Report(sums.Images);
            },
            sums.Reject,
            cancellation);
        for (var v = 0; v < kept.Length; v++)
        {
            var name = pass.NameOf(pass.Views[v]);
            PredictionStore.Write(sums.CreateTable(_store.PathOfView(metadata, name), metadata with { Tta = name }, kept[v]));
        }
    }
}
