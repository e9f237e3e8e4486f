using System.Collections.Immutable;
using SketchFlow.Data.Messages;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Serving.Queue;

/// <summary>Prepared images that are computed together. Those whose clients have left by then are not computed.</summary>
internal sealed class ImageBatch : IDisposable
{
    private readonly ImmutableArray<(QueuedImage Image, PreparedImage Prepared)> _members;

    private ImageBatch(ImmutableArray<(QueuedImage Image, PreparedImage Prepared)> members) => _members = members;

    /// <summary>Takes the pixels of images.</summary>
    public static ImageBatch Take(IReadOnlyList<QueuedImage> images) =>
        new([.. images.Select(i => (i, i.TakePrepared())).Where(m => m.Item2 is not null).Select(m => (m.i, m.Item2!))]);

    /// <summary>Computes and answers the images. If the engine fails, each is computed alone, so that one fails none of the others.</summary>
    /// <returns>Number of images that were computed.</returns>
    public int Answer(IClassificationEngine engine)
    {
        ImmutableArray<(QueuedImage Image, PreparedImage Prepared)> wanted = [.. _members.Where(m => m.Image.IsWanted)];
        if (wanted.IsEmpty || TryAnswer(engine, wanted) is not { } reason)
        {
            return wanted.Length;
        }

        if (wanted is [var only])
        {
            only.Image.Give(ImageAnswer.Fail(reason));
            return 0;
        }

        var done = 0;
        foreach (var member in wanted)
        {
            if (TryAnswer(engine, [member]) is { } own)
            {
                member.Image.Give(ImageAnswer.Fail(own));
            }
            else
            {
                done++;
            }
        }

        return done;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (image, prepared) in _members)
        {
            image.Give(ImageAnswer.Stopped);
            prepared.Dispose();
        }
    }

    private static string? TryAnswer(IClassificationEngine engine, ImmutableArray<(QueuedImage Image, PreparedImage Prepared)> members)
    {
        EnsemblePrediction prediction;
        try
        {
            using var batch = PreparedBatch.Stack([.. members.Select(m => m.Prepared)]);
            prediction = engine.Predict(batch);
        }
        catch (Exception e)
        {
            return $"the engine failed: {PrintableText.Reason(e, 200)}";
        }

        for (var row = 0; row < members.Length; row++)
        {
            var image = members[row].Image;
            image.Give(new ImageAnswer(prediction.Top(row, engine.Classes, image.Top), 200, null));
        }

        return null;
    }
}
