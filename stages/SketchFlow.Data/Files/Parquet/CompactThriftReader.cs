using Thrift;
using Thrift.Protocol;
using Thrift.Protocol.Entities;
using Thrift.Protocol.Utilities;
using Thrift.Transport.Client;

namespace SketchFlow.Data.Files.Parquet;

/// <summary>Reads chosen fields of structures in Thrift's compact protocol from bytes in memory; every other field is skipped.</summary>
/// <remarks>The library's methods are asynchronous, but over memory each of them is complete when it returns.</remarks>
/// <param name="bytes">The bytes, from the start of a structure; there may be more behind it.</param>
internal sealed class CompactThriftReader(byte[] bytes) : IDisposable
{
    private readonly TCompactProtocol _protocol = new(new TMemoryBufferTransport(bytes, new TConfiguration()));

    /// <summary>Number of bytes that were read.</summary>
    public int Position => ((TMemoryBufferTransport)_protocol.Transport).Position;

    /// <summary>Reads a structure.</summary>
    /// <param name="read">Reads the field of a number and a type and returns true, or returns false for a field to skip.</param>
    /// <exception cref="TException">The bytes are damaged or end too early.</exception>
    public void ReadStruct(Func<short, TType, bool> read)
    {
        _ = Result(_protocol.ReadStructBeginAsync(default));
        while (Result(_protocol.ReadFieldBeginAsync(default)) is { Type: not TType.Stop } field)
        {
            if (!read(field.ID, field.Type))
            {
                TProtocolUtil.SkipAsync(_protocol, field.Type, default).GetAwaiter().GetResult();
            }
        }

        _protocol.ReadStructEndAsync(default).GetAwaiter().GetResult();
    }

    /// <summary>Reads a list of structures.</summary>
    /// <param name="read">Reads one of them.</param>
    /// <exception cref="TException">The bytes are damaged or end too early, or the list has other elements.</exception>
    public void ReadStructs(Action read)
    {
        var list = Result(_protocol.ReadListBeginAsync(default));
        if (list.ElementType != TType.Struct)
        {
            throw new TProtocolException(TProtocolException.INVALID_DATA, $"a list of {list.ElementType}, expected structures");
        }

        for (var i = 0; i < list.Count; i++)
        {
            read();
        }
    }

    /// <summary>Reads a 32-bit integer.</summary>
    /// <exception cref="TException">The bytes are damaged or end too early.</exception>
    public int ReadInt32() => Result(_protocol.ReadI32Async(default));

    /// <summary>Reads a 64-bit integer.</summary>
    /// <exception cref="TException">The bytes are damaged or end too early.</exception>
    public long ReadInt64() => Result(_protocol.ReadI64Async(default));

    /// <inheritdoc/>
    public void Dispose() => _protocol.Dispose();

    private static T Result<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
