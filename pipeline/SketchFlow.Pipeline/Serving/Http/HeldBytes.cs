using Microsoft.AspNetCore.Http;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>Bounds the memory of all bodies together.</summary>
/// <param name="most">Largest number of bytes.</param>
internal sealed class HeldBytes(long most)
{
    private long _held;

    /// <summary>Number of bytes that are held now.</summary>
    public long Count => Volatile.Read(ref _held);

    /// <summary>Reserves memory.</summary>
    /// <exception cref="RequestRefusedException">Other bodies hold too much.</exception>
    public void Reserve(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > most)
        {
            Release(bytes);
            throw new RequestRefusedException(StatusCodes.Status429TooManyRequests, "The server holds too many bodies now; send the request again later.")
            {
                RetryAfter = 1,
            };
        }
    }

    /// <summary>Gives memory back.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _held, -bytes);
}
