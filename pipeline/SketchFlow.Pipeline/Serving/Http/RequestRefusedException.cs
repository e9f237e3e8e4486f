namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>A request that is answered with a status and one sentence instead of a prediction.</summary>
/// <param name="status">The status.</param>
/// <param name="sentence">The reason and the remedy, as a whole sentence.</param>
internal sealed class RequestRefusedException(int status, string sentence) : Exception(sentence)
{
    /// <summary>The status of the response.</summary>
    public int Status { get; } = status;

    /// <summary>Number of seconds after which the client may try again; null for none.</summary>
    public int? RetryAfter { get; init; }
}
