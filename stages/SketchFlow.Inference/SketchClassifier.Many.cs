using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using SketchFlow.Dataflow;
using SketchFlow.Dataflow.Execution;

namespace SketchFlow.Inference;

public sealed partial class SketchClassifier
{
    /// <summary>Classifies files, which are read only as fast as the answers are taken.</summary>
    /// <param name="files">Paths of the images.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <inheritdoc cref="ClassifyMany(IEnumerable{ImageInput}, CancellationToken)"/>
    public IEnumerable<ClassifiedImage> ClassifyMany(IEnumerable<string> files, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        return ClassifyMany(files.Select(ImageInput.FromFile), cancellation);
    }

    /// <summary>Classifies images in batches, which are prepared in parallel, and read only as fast as the answers are taken.</summary>
    /// <param name="images">The images, of any number.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>One answer per image, in their order. An image that cannot be used has an answer with a reason.</returns>
    /// <exception cref="OperationCanceledException">Cancelled before the end.</exception>
    public IEnumerable<ClassifiedImage> ClassifyMany(IEnumerable<ImageInput> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return Iterate();

        IEnumerable<ClassifiedImage> Iterate()
        {
            using var run = Flow.From("images", images)
                .Map("decode-pad-resize", image => Prepare(image), Options.WorkerCount)
                .Batch("batch", BatchSize, PreparedBatch.Stack).With(o => o with { Background = true })
                .Start(cancellation: cancellation);
            while (TryTake(run, out var batch))
            {
                foreach (var answer in Answers(batch))
                {
                    yield return answer;
                }
            }
        }
    }

    /// <summary>Classifies a stream of images without blocking a thread.</summary>
    /// <remarks>
    /// A batch is as large as the images that are there: when the next one has not come yet, those before it are answered. Memory does not grow with the
    /// number of images: at most two batches are held, and no image is read before there is room.
    /// </remarks>
    /// <param name="images">The images.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <returns>One answer per image, in their order. An image that cannot be used has an answer with a reason.</returns>
    /// <exception cref="OperationCanceledException">Cancelled before the end.</exception>
    public IAsyncEnumerable<ClassifiedImage> ClassifyManyAsync(IAsyncEnumerable<ImageInput> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return new ImageStream(this, images).AnswersAsync(cancellation);
    }

    /// <summary>Classifies images without blocking the calling thread.</summary>
    /// <inheritdoc cref="ClassifyManyAsync(IAsyncEnumerable{ImageInput}, CancellationToken)"/>
    public IAsyncEnumerable<ClassifiedImage> ClassifyManyAsync(IEnumerable<ImageInput> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return ClassifyManyAsync(images.ToAsyncEnumerable(), cancellation);
    }

    /// <summary>Classifies files without blocking the calling thread.</summary>
    /// <param name="files">Paths of the images.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    /// <inheritdoc cref="ClassifyManyAsync(IAsyncEnumerable{ImageInput}, CancellationToken)"/>
    public IAsyncEnumerable<ClassifiedImage> ClassifyManyAsync(IEnumerable<string> files, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(files);
        return ClassifyManyAsync(files.Select(ImageInput.FromFile), cancellation);
    }

    /// <summary>Creates a block for a network of TPL Dataflow: images in, answers out, in their order.</summary>
    /// <remarks>
    /// The block is bounded: it accepts <see cref="SketchClassifierOptions.BatchSize"/> images before it waits (<c>SendAsync</c>), so that memory does not
    /// grow with their number. After <c>Complete</c> it answers what it accepted.
    /// </remarks>
    /// <param name="cancellation">Stops the block; images that are not answered yet are dropped.</param>
    public StreamBlock<ImageInput, ClassifiedImage> CreateBlock(CancellationToken cancellation = default) =>
        new(images => ClassifyManyAsync(images, cancellation), Options.BatchSize, cancellation);

    // A flow wraps what its source throws.
    private static bool TryTake(FlowRun<PreparedBatch> run, [NotNullWhen(true)] out PreparedBatch? batch)
    {
        try
        {
            return run.TryTake(out batch);
        }
        catch (FlowException e) when (e.InnerException is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
            throw;
        }
    }
}
