using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Installation;

/// <summary>Passes bytes on to another stream, up to a limit.</summary>
/// <param name="to">The other stream, which stays open.</param>
/// <param name="maxBytes">Largest number of bytes.</param>
internal sealed class BoundedWriter(Stream to, long maxBytes) : Stream
{
    private long _written;

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => _written;

    /// <inheritdoc/>
    public override long Position
    {
        get => _written;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="RefusalException">There are more bytes than allowed.</exception>
    public override void Write(byte[] buffer, int offset, int count)
    {
        if (count > maxBytes - _written)
        {
            throw new RefusalException($"the package is larger than {maxBytes / 1e6:0} MB");
        }

        to.Write(buffer, offset, count);
        _written += count;
    }

    /// <inheritdoc/>
    public override void Flush() => to.Flush();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
