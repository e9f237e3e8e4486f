using System.Buffers.Binary;
using System.Text;

namespace SketchFlow.Tests.Learning.Weights.Torch;

/// <summary>
/// Composes checkpoints byte by byte from the definitions of zip (APPNOTE.TXT) and pickle (protocol 2, CPython's pickletools), in the order and
/// with the opcodes of <c>torch.save</c>.
/// </summary>
internal sealed class TorchWriter
{
    private readonly List<byte> _pickle = [];
    private readonly List<(string Name, byte[] Bytes)> _storages = [];
    private byte _memo;

    public TorchWriter()
    {
        Raw(0x80, 2);
    }

    public string Root { get; init; } = "archive";

    public string? ByteOrder { get; init; } = "little";

    public bool Zip64 { get; init; }

    public ushort Method { get; init; }

    public List<(string Name, byte[] Bytes)> More { get; } = [];

    public TorchWriter Raw(params byte[] bytes)
    {
        _pickle.AddRange(bytes);
        return this;
    }

    public TorchWriter Raw(string ascii) => Raw(Encoding.Latin1.GetBytes(ascii));

    public TorchWriter Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return Raw("X").Raw(length).Raw(bytes).Raw((byte)'q', _memo++);
    }

    public TorchWriter Number(long value)
    {
        if (value is >= 0 and < 256)
        {
            return Raw((byte)'K', (byte)value);
        }

        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8A, 8).Raw(bytes);
    }

    public TorchWriter Tuple(params long[] values)
    {
        Raw("(");
        foreach (var value in values)
        {
            Number(value);
        }

        return Raw("t");
    }

    public TorchWriter Global(string module, string name) => Raw($"c{module}\n{name}\n");

    /// <summary>Opens a dictionary. Its items follow as text and value; <see cref="Close"/> ends it.</summary>
    public TorchWriter Dictionary(bool ordered = false) =>
        (ordered ? Global("collections", "OrderedDict").Raw(")R") : Raw("}")).Raw("(");

    public TorchWriter Close() => Raw("u");

    /// <summary>Adds a storage and returns its key.</summary>
    public int Storage(byte[] bytes)
    {
        _storages.Add(($"data/{_storages.Count}", bytes));
        return _storages.Count - 1;
    }

    public int Storage<T>(params T[] values)
        where T : unmanaged => Storage(System.Runtime.InteropServices.MemoryMarshal.AsBytes<T>(values).ToArray());

    public TorchWriter Tensor(int storage, string type, long elements, long offset, long[] size, long[] stride) => Global("torch._utils", "_rebuild_tensor_v2")
        .Raw("((").Text("storage").Global("torch", $"{type}Storage").Text($"{storage}").Text("cpu").Number(elements).Raw("tQ")
        .Number(offset).Tuple(size).Tuple(stride).Raw(0x89).Global("collections", "OrderedDict").Raw(")Rt").Raw("R");

    public TorchWriter Tensor(string name, params float[] values) =>
        Text(name).Tensor(Storage(values), "Float", values.Length, 0, [values.Length], [1]);

    public byte[] Bytes()
    {
        Raw(".");
        var members = new List<(string Name, byte[] Bytes)> { ("data.pkl", [.. _pickle]) };
        if (ByteOrder is not null)
        {
            members.Add(("byteorder", Encoding.ASCII.GetBytes(ByteOrder)));
        }

        members.AddRange(_storages);
        members.Add(("version", "3\n"u8.ToArray()));
        return Zip([.. members.Select(m => ($"{Root}/{m.Name}", m.Bytes)), .. More]);
    }

    public void Write(string path) => File.WriteAllBytes(path, Bytes());

    private byte[] Zip(List<(string Name, byte[] Bytes)> members)
    {
        var file = new MemoryStream();
        var directory = new MemoryStream();
        foreach (var (name, bytes) in members)
        {
            var raw = Encoding.UTF8.GetBytes(name);
            var start = file.Position;
            // torch.save pads with an extra field so that storages begin at a multiple of 64.
            var padding = new byte[(64 - ((start + 30 + raw.Length + 4) % 64)) % 64 + 4];
            padding[0] = (byte)'F';
            padding[1] = (byte)'B';
            BinaryPrimitives.WriteUInt16LittleEndian(padding.AsSpan(2), (ushort)(padding.Length - 4));
            Put(file, 4, 0x04034B50).Put(2, 0).Put(2, 0).Put(2, Method).Put(4, 0).Put(4, 0).Put(4, bytes.Length).Put(4, bytes.Length)
                .Put(2, raw.Length).Put(2, padding.Length);
            file.Write(raw);
            file.Write(padding);
            file.Write(bytes);
            Put(directory, 4, 0x02014B50).Put(2, 0).Put(2, 0).Put(2, 0).Put(2, Method).Put(4, 0).Put(4, 0)
                .Put(4, Zip64 ? uint.MaxValue : bytes.Length).Put(4, Zip64 ? uint.MaxValue : bytes.Length)
                .Put(2, raw.Length).Put(2, Zip64 ? 28 : 0).Put(2, 0).Put(2, 0).Put(2, 0).Put(4, 0).Put(4, Zip64 ? uint.MaxValue : start);
            directory.Write(raw);
            if (Zip64)
            {
                Put(directory, 2, 1).Put(2, 24).Put(8, bytes.Length).Put(8, bytes.Length).Put(8, start);
            }
        }

        var at = file.Position;
        file.Write(directory.ToArray());
        if (Zip64)
        {
            var record = file.Position;
            Put(file, 4, 0x06064B50).Put(8, 44).Put(2, 45).Put(2, 45).Put(4, 0).Put(4, 0).Put(8, members.Count).Put(8, members.Count)
                .Put(8, directory.Length).Put(8, at);
            Put(file, 4, 0x07064B50).Put(4, 0).Put(8, record).Put(4, 1);
        }

        Put(file, 4, 0x06054B50).Put(2, 0).Put(2, 0)
            .Put(2, Zip64 ? ushort.MaxValue : members.Count).Put(2, Zip64 ? ushort.MaxValue : members.Count)
            .Put(4, Zip64 ? uint.MaxValue : directory.Length).Put(4, Zip64 ? uint.MaxValue : at).Put(2, 0);
        return file.ToArray();
    }

    private static Putter Put(MemoryStream stream, int bytes, long value) => new Putter(stream).Put(bytes, value);

    private readonly record struct Putter(MemoryStream Stream)
    {
        public Putter Put(int bytes, long value)
        {
            Span<byte> whole = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(whole, value);
            Stream.Write(whole[..bytes]);
            return this;
        }
    }
}
