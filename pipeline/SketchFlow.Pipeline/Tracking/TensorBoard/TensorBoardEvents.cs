using Google.Protobuf;

namespace SketchFlow.Pipeline.Tracking.TensorBoard;

/// <summary>
/// Writes a TensorBoard event file: Event messages (tensorflow/core/util/event.proto, summary.proto, tensor.proto) in TFRecord framing.
/// </summary>
/// <remarks>
/// Written by hand: few fields are needed, so they are written by their numbers instead of through classes generated from TensorFlow's schemas.
/// Every event is passed to the operating system before the call returns, so that a killed run keeps its log.
/// </remarks>
public sealed class TensorBoardEvents : IDisposable
{
    private static int _opened;

    private readonly FileStream _stream;
    private readonly TimeProvider _clock;

    /// <summary>Creates a new file in <paramref name="folder"/> with a name that TensorBoard recognises.</summary>
    /// <param name="folder">Folder of the run.</param>
    /// <param name="purge">First step that this file repeats: TensorBoard discards the events of earlier files from there on. Null for a new run.</param>
    /// <param name="clock">Clock for the wall times of events; the system's if null.</param>
    public TensorBoardEvents(string folder, long? purge = null, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        Directory.CreateDirectory(folder);
        var (seconds, number) = (_clock.GetUtcNow().ToUnixTimeSeconds(), Interlocked.Increment(ref _opened) - 1);
        Path = System.IO.Path.Combine(folder, $"events.out.tfevents.{seconds:D10}.{Environment.MachineName}.{Environment.ProcessId}.{number}");
        _stream = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        Append(purge ?? 0, e => String(e, 3, "brain.Event:2"));
        if (purge is { } step)
        {
            // SessionLog.status = START.
            Append(step, e => Message(e, 7, log => Integer(log, 1, 1)));
        }
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>Writes the scalars of a step.</summary>
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

    /// <summary>Writes a text in Markdown for TensorBoard's TEXT page.</summary>
    public void Text(string tag, string text)
    {
        Append(0, e => Message(e, 5, summary => Message(summary, 1, WriteValue)));

        void WriteValue(CodedOutputStream value)
        {
            String(value, 1, $"{tag}/text_summary");
            Message(value, 8, WriteTensor);
            Message(value, 9, metadata => Message(metadata, 1, plugin => String(plugin, 1, "text")));
        }

        void WriteTensor(CodedOutputStream tensor)
        {
            Integer(tensor, 1, 7); // DT_STRING
            Message(tensor, 2, shape => Message(shape, 2, dimension => Integer(dimension, 1, 1)));
            String(tensor, 8, text);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Append(long step, Action<CodedOutputStream> writeContents)
    {
        var bytes = Bytes(e =>
        {
            e.WriteTag(1, WireFormat.WireType.Fixed64);
            e.WriteDouble((_clock.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds);
            Integer(e, 2, step);
            writeContents(e);
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
