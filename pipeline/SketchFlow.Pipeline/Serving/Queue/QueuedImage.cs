using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Pipeline.Serving.Queue;

/// <summary>An accepted image, which is answered exactly once, also if it fails or the server stops.</summary>
internal sealed class QueuedImage : IDisposable
{
    private readonly TaskCompletionSource<ImageAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<QueuedImage> _onDone;
    private readonly CancellationTokenRegistration _leaving;
    private ImageInput? _input;
    private PreparedImage? _prepared;

    /// <summary>Creates an image that waits.</summary>
    /// <param name="input">The image.</param>
    /// <param name="top">Number of classes in the answer.</param>
    /// <param name="onDone">Called once, when the image needs no more work.</param>
    /// <param name="leaving">Cancelled when the client leaves.</param>
    public QueuedImage(ImageInput input, int top, Action<QueuedImage> onDone, CancellationToken leaving)
    {
        (_input, Top, _onDone) = (input, top, onDone);
        _leaving = leaving.Register(() =>
        {
            if (_answer.TrySetCanceled(leaving))
            {
                _input = null;
                Finish("left");
            }
        });
    }

    /// <summary>Number of classes in the answer.</summary>
    public int Top { get; }

    /// <summary>The result in the metrics; null while the image waits.</summary>
    public string? Result { get; private set; }

    /// <summary>The answer; cancelled if the client left before.</summary>
    public Task<ImageAnswer> Answer => _answer.Task;

    /// <summary>Whether somebody still waits for the answer.</summary>
    public bool IsWanted => !_answer.Task.IsCompleted;

    /// <summary>Decodes and resizes the image; one that cannot be used is answered immediately.</summary>
    public Outcome<QueuedImage> Prepare(IClassificationEngine engine, long? maxPixels)
    {
        if (_input is not { } input || !IsWanted)
        {
            return new Rejected(0, "image", "the client left");
        }

        try
        {
            var decode = maxPixels < engine.Decode.MaxPixels ? engine.Decode with { MaxPixels = maxPixels.Value } : engine.Decode;
            _prepared = PreparedImage.Create(decode, engine.Sizes, input);
        }
        catch (Exception e)
        {
            Give(ImageAnswer.Fail($"the image could not be prepared: {PrintableText.Reason(e, 200)}"));
            return new Rejected(0, "image", "failed");
        }

        _input = null;
        if (_prepared.Error is not { } error)
        {
            return this;
        }

        Give(ImageAnswer.Reject(error));
        return new Rejected(0, "image", error);
    }

    /// <summary>Hands over the prepared image, which the caller then owns together with the duty to answer.</summary>
    public PreparedImage? TakePrepared()
    {
        var prepared = _prepared;
        _prepared = null;
        return prepared;
    }

    /// <summary>Answers the image; a second answer is ignored.</summary>
    public void Give(ImageAnswer answer)
    {
        if (_answer.TrySetResult(answer))
        {
            Finish(answer.Status switch { 200 => "answered", 422 => "rejected", _ => "failed" });
        }
    }

    /// <summary>Frees the pixels; an image that nobody has taken is answered, so that no client waits in vain.</summary>
    public void Dispose()
    {
        if (_input is not null || _prepared is not null)
        {
            Give(ImageAnswer.Stopped);
        }

        _prepared?.Dispose();
        (_prepared, _input) = (null, null);
    }

    private void Finish(string result)
    {
        Result = result;
        _onDone(this);
        _leaving.Unregister();
    }
}
