using Microsoft.AspNetCore.Http;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Pipeline.Serving.Http;

/// <summary>The body of a request in memory, which grows as the body arrives: a client that announces much and sends little holds little.</summary>
internal sealed class RequestBody : IDisposable
{
    private const int FirstLength = 64 << 10;

    private readonly HeldBytes _held;
    private byte[] _buffer = [];
    private int _length;

    private RequestBody(HeldBytes held) => _held = held;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads a body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="options">Limits.</param>
    /// <param name="held">Memory of all bodies.</param>
    /// <exception cref="RequestRefusedException">The body is too large (413), too slow (408), or there is no room for it (429).</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, ServerOptions options, HeldBytes held)
    {
        var body = new RequestBody(held);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        patience.CancelAfter(options.BodyTimeout);
        try
        {
            await body.FillAsync(request, options.MaxBytes, patience.Token);
            return body;
        }
        catch (OperationCanceledException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            body.Dispose();
            throw new RequestRefusedException(
                StatusCodes.Status408RequestTimeout, $"The body did not arrive within {options.BodyTimeout.TotalSeconds:0} seconds; send it faster.");
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Gives the memory back; images that still use the bytes keep them alive.</summary>
    public void Dispose()
    {
        _held.Release(_buffer.Length);
        (_buffer, _length) = ([], 0);
    }

    private async Task FillAsync(HttpRequest request, long most, CancellationToken cancellation)
    {
        if (request.ContentLength > most)
        {
            throw TooLarge(most);
        }

        Grow((int)Math.Min(request.ContentLength ?? FirstLength, FirstLength));
        while (true)
        {
            if (_length == _buffer.Length)
            {
                // One byte more than the limit tells whether the body ends there.
                var announced = request.ContentLength is > 0 and var length && length > _length ? length : long.MaxValue;
                Grow((int)Math.Min(Math.Min(announced, Math.Max(2L * _length, FirstLength)), most + 1));
            }

            var read = await request.Body.ReadAsync(_buffer.AsMemory(_length), cancellation);
            _length += read;
            if (_length > most)
            {
                throw TooLarge(most);
            }

            if (read == 0 || _length == request.ContentLength)
            {
                return;
            }
        }
    }

    private static RequestRefusedException TooLarge(long most) => new(
        StatusCodes.Status413PayloadTooLarge,
        $"The body has more than {most} bytes, which is the limit of this server (--max-bytes); send fewer or smaller images.");

    private void Grow(int length)
    {
        _held.Reserve(length - _buffer.Length);
        Array.Resize(ref _buffer, length);
    }
}
