using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;

namespace SketchFlow.Inference;

/// <summary>One stream of images: a task reads and prepares them, as far ahead as one batch.</summary>
internal sealed class ImageStream(SketchClassifier classifier, IAsyncEnumerable<ImageInput> images)
{
    private readonly Channel<Task<PreparedImage>> _ahead = Channel.CreateBounded<Task<PreparedImage>>(
        new BoundedChannelOptions(classifier.BatchSize) { SingleReader = true, SingleWriter = true });

    public async IAsyncEnumerable<ClassifiedImage> AnswersAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = Task.Run(() => ReadAsync(stop.Token), CancellationToken.None);
        try
        {
            while (await _ahead.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                foreach (var answer in await NextAsync(cancellation).ConfigureAwait(false))
                {
                    yield return answer;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_ahead.Reader.TryRead(out var left))
            {
                using var image = await left.ConfigureAwait(false);
            }
        }

        await reading.ConfigureAwait(false);
    }

    private async Task<ClassifiedImage[]> NextAsync(CancellationToken cancellation)
    {
        var batch = new List<PreparedImage>();
        try
        {
            while (batch.Count < classifier.BatchSize && _ahead.Reader.TryRead(out var next))
            {
                batch.Add(await next.ConfigureAwait(false));
            }

            cancellation.ThrowIfCancellationRequested();
            return await Task.Run(
                () =>
                {
                    using var stacked = PreparedBatch.Stack(batch);
                    return classifier.Answers(stacked);
                },
                CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            batch.ForEach(image => image.Dispose());
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        using var workers = new SemaphoreSlim(classifier.Options.WorkerCount);
        var (last, fault) = ((Task)Task.CompletedTask, default(Exception));
        try
        {
            await foreach (var image in images.WithCancellation(cancellation).ConfigureAwait(false))
            {
                // Room first, so that no image is held that has no place.
                await _ahead.Writer.WaitToWriteAsync(cancellation).ConfigureAwait(false);
                await workers.WaitAsync(cancellation).ConfigureAwait(false);
                var prepared = Task.Run(() => Prepare(image, workers), CancellationToken.None);
                last = Task.WhenAll(last, prepared);
                await _ahead.Writer.WriteAsync(prepared, CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            fault = e;
        }

        _ahead.Writer.Complete();
        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (fault is not null)
        {
            ExceptionDispatchInfo.Throw(fault);
        }
    }

    private PreparedImage Prepare(ImageInput image, SemaphoreSlim workers)
    {
        try
        {
            return classifier.Prepare(image);
        }
        finally
        {
            workers.Release();
        }
    }
}
