namespace SketchFlow.Scoring.Tables.ParquetFiles;

/// <summary>A file for a parser that trusts it: reading beyond the end, or far more than the file holds, throws.</summary>
/// <remarks>
/// Parquet.Net 6.1's Thrift reader takes the -1 that <see cref="Stream.ReadByte"/> gives at the end for the byte 255, which never ends a struct or a number,
/// and a page header with a negative or empty page sends its column reader round the same pages for ever. Both loops read; here both end.
/// </remarks>
internal sealed class BoundedStream(Stream file) : Stream
{
    // Each byte is read once or twice; what is read more often is a loop.
    private long _left = (8 * file.Length) + (1 << 16);

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position
    {
        get => file.Position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override int ReadByte()
    {
        var read = file.ReadByte();
        Account(read < 0 ? 0 : 1, 1);
        return read;
    }

    public override int Read(Span<byte> buffer)
    {
        var read = file.Read(buffer);
        Account(read, buffer.Length);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long offset, SeekOrigin origin)
    {
        _left -= 1;
        Account(0, 0);
        return file.Seek(offset, origin);
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Account(int read, int wanted)
    {
        if (read == 0 && wanted > 0)
        {
            throw new EndOfStreamException("its parts point beyond its end");
        }

        _left -= read;
        if (_left < 0)
        {
            throw new InvalidDataException("its parts point in a circle");
        }
    }
}
