using System.Buffers;

namespace SketchFlow.Scoring.Tables.ParquetFiles;

/// <summary>Walks a Parquet footer by the types that parquet.thrift gives its fields, before a parser that takes them on trust.</summary>
/// <remarks>
/// Parquet.Net 6.1 reads a field by its number, whatever type stands beside it, and at the end of the footer it reads the byte 255 for ever.
/// A footer whose every field has its type, whose lists and texts fit in it and which ends where it says can send it nowhere.
/// </remarks>
internal static class ParquetFooterValidator
{
    private static readonly Shape _flag = new(Kind.Flag);
    private static readonly Shape _byte = new(Kind.Byte);
    private static readonly Shape _number = new(Kind.Number);
    private static readonly Shape _text = new(Kind.Text);
    private static readonly Shape _empty = Struct();
    private static readonly Shape _keyValue = Struct((1, _text), (2, _text));
    private static readonly Shape _statistics = Struct(
        (1, _text), (2, _text), (3, _number), (4, _number), (5, _text), (6, _text), (7, _flag), (8, _flag));
    private static readonly Shape _unit = Struct((1, _empty), (2, _empty), (3, _empty));
    private static readonly Shape _time = Struct((1, _flag), (2, _unit));
    private static readonly Shape _logicalType = Struct(
        (1, _empty), (2, _empty), (3, _empty), (4, _empty), (5, Struct((1, _number), (2, _number))), (6, _empty), (7, _time), (8, _time),
        (10, Struct((1, _byte), (2, _flag))), (11, _empty), (12, _empty), (13, _empty), (14, _empty), (15, _empty));
    private static readonly Shape _schemaElement = Struct(
        (1, _number), (2, _number), (3, _number), (4, _text), (5, _number), (6, _number), (7, _number), (8, _number), (9, _number), (10, _logicalType));
    private static readonly Shape _columnMetaData = Struct(
        (1, _number), (2, List(_number)), (3, List(_text)), (4, _number), (5, _number), (6, _number), (7, _number), (8, List(_keyValue)), (9, _number),
        (10, _number), (11, _number), (12, _statistics), (13, List(Struct((1, _number), (2, _number), (3, _number)))), (14, _number), (15, _number),
        (16, Struct((1, _number), (2, List(_number)), (3, List(_number)))));
    private static readonly Shape _columnChunk = Struct((1, _text), (2, _number), (3, _columnMetaData), (4, _number), (5, _number), (6, _number), (7, _number));
    private static readonly Shape _rowGroup = Struct(
        (1, List(_columnChunk)), (2, _number), (3, _number), (4, List(Struct((1, _number), (2, _flag), (3, _flag)))), (5, _number), (6, _number), (7, _number));
    private static readonly Shape _fileMetaData = Struct(
        (1, _number), (2, List(_schemaElement)), (3, _number), (4, List(_rowGroup)), (5, List(_keyValue)), (6, _text), (7, List(Struct((1, _empty)))));

    private enum Kind
    {
        Flag,
        Byte,
        Number,
        Text,
        List,
        Struct,
    }

    private sealed record Shape(Kind Kind, Shape? Element = null, Dictionary<int, Shape>? Fields = null);

    /// <summary>Whether the footer at the end of the file is sound.</summary>
    /// <param name="file">At least 12 bytes, whose last 8 have been checked.</param>
    public static bool IsSound(Stream file)
    {
        Span<byte> length = stackalloc byte[4];
        file.Seek(-8, SeekOrigin.End);
        file.ReadExactly(length);
        var footer = BitConverter.ToInt32(length);
        var bytes = ArrayPool<byte>.Shared.Rent(footer);
        try
        {
            file.Seek(-8L - footer, SeekOrigin.End);
            file.ReadExactly(bytes, 0, footer);
            var reader = new ThriftReader(bytes.AsSpan(0, footer));
            return Walk(ref reader, _fileMetaData, kind: 12) && reader.Position == footer;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private static bool Walk(ref ThriftReader reader, Shape shape, int kind)
    {
        switch (shape.Kind)
        {
            // A flag's value is its type; in a list it is a byte.
            case Kind.Flag:
                return kind is 1 or 2;
            case Kind.Byte:
                reader.Skip(kind);
                return kind == 3 && !reader.Failed;
            case Kind.Number:
                reader.Number(kind);
                return !reader.Failed;
            case Kind.Text:
                reader.Skip(kind);
                return kind == 8 && !reader.Failed;
            case Kind.List:
                if (kind != 9 || !reader.List(out var count, out var elementKind))
                {
                    return false;
                }

                for (var i = 0; i < count; i++)
                {
                    if (!Walk(ref reader, shape.Element!, elementKind))
                    {
                        return false;
                    }
                }

                return true;
            default:
                if (!reader.Begin(kind))
                {
                    return false;
                }

                while (reader.Field(out var field, out var fieldKind))
                {
                    if (!shape.Fields!.TryGetValue(field, out var known) || !Walk(ref reader, known, fieldKind))
                    {
                        return false;
                    }
                }

                reader.End();
                return !reader.Failed;
        }
    }

    private static Shape Struct(params (int Field, Shape Shape)[] fields) => new(Kind.Struct, Fields: fields.ToDictionary(f => f.Field, f => f.Shape));

    private static Shape List(Shape element) => new(Kind.List, element);
}
