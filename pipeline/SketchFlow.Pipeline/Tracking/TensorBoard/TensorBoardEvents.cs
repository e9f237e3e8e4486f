using Google.Protobuf;

namespace SketchFlow.Pipeline.Tracking.TensorBoard;

/// <summary>
/// One TensorBoard event file: Event messages (tensorflow/core/util/event.proto, summary.proto, tensor.proto) in TFRecord framing. Six fields of
/// them are written, so they are written by number rather than through generated classes.
/// </summary>
/// <remarks>Every event is handed to the system before the call returns: a killed run keeps what it logged.</remarks>
public sealed class TensorBoardEvents : IDisposable
{
    private static int _opened;

    private readonly FileStream _stream;
    private readonly TimeProvider _clock;

    /// <summary>Begins a new file in <paramref name="folder"/>, named as TensorBoard looks for it.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="purge">The first step that this file writes again: TensorBoard drops what earlier files say from there on. Null for a fresh run.</param>
    /// <param name="clock">Wall time of the events.</param>
    public TensorBoardEvents(string folder, long? purge = null, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        Directory.CreateDirectory(folder);
        Path = System.IO.Path.Combine(
            folder, $"events.out.tfevents.{_clock.GetUtcNow().ToUnixTimeSeconds():D10}.{Environment.MachineName}.{Environment.ProcessId}.{Interlocked.Increment(ref _opened) - 1}");
        _stream = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Append(purge ?? 0, e => String(e, 3, "brain.Event:2"));
        if (purge is { } step)
        {
            // SessionLog.status = START.
            Append(step, e => Message(e, 7, log => Integer(log, 1, 1)));
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Numbers of one step.</summary>
    public void Scalars(long step, IEnumerable<(string Tag, double Value)> values) => Append(step, e => Message(e, 5, summary =>
    {
        foreach (var (tag, value) in values)
        {
            Message(summary, 1, v =>
            {
                String(v, 1, tag);
                v.WriteTag(2, WireFormat.WireType.Fixed32);
                v.WriteFloat((float)value);
            });
        }
    }));

    /// <summary>A text for the TEXT page, which reads it as Markdown.</summary>
    public void Text(string tag, string text) => Append(0, e => Message(e, 5, summary => Message(summary, 1, v =>
    {
        String(v, 1, $"{tag}/text_summary");
        Message(v, 8, tensor =>
        {
            Integer(tensor, 1, 7); // DT_STRING
            Message(tensor, 2, shape => Message(shape, 2, dimension => Integer(dimension, 1, 1)));
            String(tensor, 8, text);
        });
        Message(v, 9, metadata => Message(metadata, 1, plugin => String(plugin, 1, "text")));
    })));

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Append(long step, Action<CodedOutputStream> what)
    {
        var bytes = Bytes(e =>
        {
            e.WriteTag(1, WireFormat.WireType.Fixed64);
            e.WriteDouble((_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
            Integer(e, 2, step);
            what(e);
        });
        using var record = new MemoryStream();
        TfRecords.Append(record, bytes);
        _stream.Write(record.GetBuffer().AsSpan(0, (int)record.Length));
        _stream.Flush();
    }

    private static byte[] Bytes(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var coded = new CodedOutputStream(memory, leaveOpen: true))
        {
            write(coded);
        }

        return memory.ToArray();
    }

    private static void Message(CodedOutputStream to, int field, Action<CodedOutputStream> write)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteBytes(ByteString.CopyFrom(Bytes(write)));
    }

    private static void String(CodedOutputStream to, int field, string text)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteString(text);
    }

    private static void Integer(CodedOutputStream to, int field, long value)
    {
        to.WriteTag(field, WireFormat.WireType.Varint);
        to.WriteInt64(value);
    }
}
