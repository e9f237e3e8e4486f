using System.Collections.Immutable;
using System.Diagnostics;
using System.Threading.Channels;
using SketchFlow.Dataflow;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Pipeline.Serving.Queue;

/// <summary>
/// Collects the images of all clients into batches for one engine: images ─> decode-pad-resize ─> batch ─> engine ─> answers. A thread of its own computes,
/// so that the engine's own threads belong to one caller.
/// </summary>
internal sealed class ClassificationQueue : IDisposable
{
    // A GIF of one pixel.
    private const string WhiteImage = "R0lGODdhAQABAIAAAP///////ywAAAAAAQABAAACAkQBADs=";

    private readonly Channel<QueuedImage> _images = Channel.CreateUnbounded<QueuedImage>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IClassificationEngine _engine;
    private readonly ServerOptions _options;
    private readonly ServerMetrics _metrics;
    private readonly Thread _thread;
    private int _waiting;

    /// <summary>Starts the thread of the engine.</summary>
    /// <param name="engine">The engine; the caller keeps ownership.</param>
    /// <param name="options">Settings.</param>
    /// <param name="metrics">Receives counts and times.</param>
    public ClassificationQueue(IClassificationEngine engine, ServerOptions options, ServerMetrics metrics)
    {
        (_engine, _options, _metrics) = (engine, options, metrics);
        _thread = new Thread(Run) { IsBackground = true, Name = "engine" };
        _thread.Start();
    }

    /// <summary>Largest number of images per batch.</summary>
    public int MaxBatch => _options.MaxBatch ?? Math.Min(_engine.BatchSize, 32);

    /// <summary>Completes when the last image is answered after <see cref="Complete"/>; fails if the thread of the engine fails.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Accepts the images of a request, all or none.</summary>
    /// <param name="images">The images.</param>
    /// <param name="top">Number of classes per answer.</param>
    /// <param name="leaving">Cancelled when the client leaves; its images are then removed.</param>
    /// <returns>The accepted images; null if there is no room for them.</returns>
    public ImmutableArray<QueuedImage>? TryAdd(IReadOnlyList<ImageInput> images, int top, CancellationToken leaving)
    {
        if (Interlocked.Add(ref _waiting, images.Count) is var waiting && waiting > _options.MaxQueue)
        {
            Interlocked.Add(ref _waiting, -images.Count);
            return null;
        }

        _metrics.SetQueue(waiting);
        ImmutableArray<QueuedImage> queued = [.. images.Select(i => new QueuedImage(i, top, OnDone, leaving))];
        foreach (var image in queued)
        {
            if (!_images.Writer.TryWrite(image))
            {
                image.Dispose();
            }
        }

        return queued;
    }

    /// <summary>Accepts no more images; those that wait are answered.</summary>
    public void Complete() => _images.Writer.TryComplete();

    /// <inheritdoc/>
    public void Dispose()
    {
        Complete();
        _thread.Join();
    }

    private void OnDone(QueuedImage image)
    {
        _metrics.SetQueue(Interlocked.Decrement(ref _waiting));
        _metrics.CountImage(image.Result!);
    }

    private void WarmUp()
    {
        var white = new ImageInput("white") { Bytes = Convert.FromBase64String(WhiteImage) };
        using var image = PreparedImage.Create(_engine.Decode, _engine.Sizes, white);
        using var batch = PreparedBatch.Stack([image]);
        _ = _engine.Predict(batch);
    }

    private void Run()
    {
        try
        {
            using var run = Flow.From("images", _images.Reader.ReadAllAsync())
                .Map("decode-pad-resize", image => image.Prepare(_engine, _options.MaxPixels), _engine.Workers, ordered: false)
                .Batch("batch", MaxBatch, _options.MaxDelay, ImageBatch.Take).With(o => o with { Background = true })
                .Start();
            if (_options.WarmsUp)
            {
                WarmUp();
            }

            while (run.TryTake(out var batch))
            {
                var start = Stopwatch.GetTimestamp();
                _metrics.CountBatch(batch.Answer(_engine), Stopwatch.GetElapsedTime(start));
            }

            _ended.SetResult();
        }
        catch (Exception e)
        {
            _ended.SetException(e);
        }
        finally
        {
            Complete();
            while (_images.Reader.TryRead(out var image))
            {
                image.Dispose();
            }
        }
    }
}
