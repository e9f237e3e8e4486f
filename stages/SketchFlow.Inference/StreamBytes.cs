using System.Globalization;

namespace SketchFlow.Inference;

/// <summary>Reads streams into memory, up to a limit.</summary>
/// <param name="limit">Largest number of bytes.</param>
internal sealed class StreamBytes(long limit)
{
    private const int Step = 1 << 16;

    /// <summary>Reads a stream to its end.</summary>
    /// <returns>The image, or one with the reason why it cannot be used.</returns>
    public ImageInput Read(Stream stream)
    {
        var (buffer, bytes) = (new byte[Step], new MemoryStream());
        while (bytes.Length <= limit && stream.Read(buffer) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
        }

        return ToInput(bytes);
    }

    /// <inheritdoc cref="Read"/>
    public async Task<ImageInput> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var (buffer, bytes) = (new byte[Step], new MemoryStream());
        while (bytes.Length <= limit && await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            bytes.Write(buffer, 0, read);
        }

        return ToInput(bytes);
    }

    private ImageInput ToInput(MemoryStream bytes) => bytes.Length > limit
        ? new ImageInput("The image") { Fault = string.Create(CultureInfo.InvariantCulture, $"more than {limit} bytes") }
        : ImageInput.FromBytes("The image", bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
}
