using System.Globalization;
using Microsoft.AspNetCore.Http;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>Answers <c>POST /predict</c>.</summary>
/// <param name="queue">Computes the answers.</param>
/// <param name="options">Limits.</param>
/// <param name="classes">Number of classes of the trained model.</param>
internal sealed class PredictEndpoint(ClassificationQueue queue, ServerOptions options, int classes)
{
    private readonly HeldBytes _held = new(options.MaxHeldBytes);

    /// <summary>Answers a request.</summary>
    /// <exception cref="RequestRefusedException">The request cannot be answered.</exception>
    public async Task<IResult> AnswerAsync(HttpContext context)
    {
        var top = ReadTop(context.Request);
        RequestImages.CheckType(context.Request);
        using var body = await RequestBody.ReadAsync(context.Request, options, _held);
        var request = await RequestImages.ParseAsync(context.Request, body.Bytes);
        if (request.Images.Count > options.MaxQueue)
        {
            throw new RequestRefusedException(
                StatusCodes.Status413PayloadTooLarge, $"The request has {request.Images.Count} images, expected at most {options.MaxQueue} (--max-queue).");
        }

        if (queue.TryAdd(request.Images, top, context.RequestAborted) is not { } queued)
        {
            throw new RequestRefusedException(
                StatusCodes.Status429TooManyRequests, $"{options.MaxQueue} images wait already (--max-queue); send the request again later.")
            {
                RetryAfter = 1,
            };
        }

        var answers = await Task.WhenAll(queued.Select(q => q.Answer));
        if (answers.All(a => a.Error is not null))
        {
            throw new RequestRefusedException(answers[0].Status, Sentence(request, answers[0]));
        }

        return request.IsList
            ? Results.Json(new PredictedImages([.. request.Images.Zip(answers, (image, answer) => PredictedImage.From(image.Name, answer))]))
            : Results.Json(PredictedImage.From(null, answers[0]));
    }

    private static string Sentence(RequestImages request, ImageAnswer answer)
    {
        var subject = !request.IsList ? "The image has no answer"
            : request.Images is [var only] ? $"{only.Name} has no answer"
            : $"None of the {request.Images.Count} images has an answer; {request.Images[0].Name}";
        return $"{PrintableText.Line(subject, 200)}: {PrintableText.Line(answer.Error!, 500)}.";
    }

    private int ReadTop(HttpRequest request)
    {
        var given = request.Query["top"].ToString();
        return given.Length == 0 ? Math.Min(options.Top, classes)
            : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var top) && top > 0 ? Math.Min(top, classes)
            : throw new RequestRefusedException(
                StatusCodes.Status400BadRequest, $"top is {PrintableText.Line(given, 50)}, expected a whole number above 0, such as ?top=3.");
    }
}
