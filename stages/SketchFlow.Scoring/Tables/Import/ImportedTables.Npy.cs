using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Tables.Import;

public static partial class ImportedTables
{
    /// <summary>
    /// Reads NumPy's <c>.npy</c> of rows × classes in float16, float32 or float64, and a file of ids or paths, one per line in the same order. Versions 1 to 3
    /// of the format: magic, version, length and a header that is a Python dictionary, then the numbers.
    /// </summary>
    private static RawTable ReadNpy(string path, ImportOptions options)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < 10 || bytes[0] != 0x93 || !bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8))
        {
            throw new RefusalException($"{path} does not begin as a .npy file, expected a file written by numpy.save.");
        }

        var (lengthBytes, start) = bytes[6] == 1 ? (2, 10) : (4, 12);
        var length = bytes.Length < start ? -1
            : lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8))
            : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8));
        if (length < 0 || length > bytes.Length - start)
        {
            throw new RefusalException($"{path} is truncated: its {bytes.Length} bytes end within its header.");
        }

        var header = Encoding.Latin1.GetString(bytes, start, length);
        var match = NpyHeader().Match(header);
        if (!match.Success)
        {
            throw new RefusalException($"{path} has the header {header.Trim()}, expected rows × classes in little-endian float16, float32 or float64.");
        }

        var size = match.Groups["type"].Value[1] - '0';
        int Dimension(string name) => int.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture);
        var (rows, classes) = (Dimension("rows"), Dimension("classes"));
        var data = bytes.AsSpan(start + length);
        if ((long)rows * classes * size != data.Length)
        {
            throw new RefusalException(
                $"{path} holds {data.Length} bytes of numbers, expected {(long)rows * classes * size} for {rows} rows of {classes}; "
                + "it is truncated or has extra bytes.");
        }

        var byColumns = match.Groups["order"].Value == "True";
        var values = new double[rows * classes];
        for (var i = 0; i < values.Length; i++)
        {
            var at = (byColumns ? (i % classes * rows) + (i / classes) : i) * size;
            values[i] = size switch
            {
                2 => (double)BinaryPrimitives.ReadHalfLittleEndian(data[at..]),
                4 => BinaryPrimitives.ReadSingleLittleEndian(data[at..]),
                _ => BinaryPrimitives.ReadDoubleLittleEndian(data[at..]),
            };
        }

        var (keys, column) = ReadIdFile(path, options.IdFile);
        return keys.Length == rows
            ? new RawTable(keys, column, GivenClassNames(path, options, classes), values, AreProbabilities(path, options, null))
            : throw new RefusalException($"{options.IdFile} names {keys.Length} rows and {path} holds {rows}, expected equal numbers.");
    }

    /// <summary>Reads the ids or paths and the name of their column; without a header, <c>id</c>.</summary>
    private static (string[] Keys, string Column) ReadIdFile(string path, string? file)
    {
        if (file is null)
        {
            throw new RefusalException(
                $"{path} does not name the images of its rows, expected a file of ids or image paths in addition, one per line; give --ids FILE.");
        }

        if (!File.Exists(file))
        {
            throw new RefusalException($"{file} does not exist, expected the ids or image paths of {path}, one per line.");
        }

        string[] lines = [.. File.ReadLines(file).Select(l => l.Trim().Trim('"')).Where(l => l.Length > 0)];
        return lines.Length > 0 && _keyColumns.Concat(_furtherIdColumns).Contains(lines[0], StringComparer.OrdinalIgnoreCase)
            ? (lines[1..], lines[0])
            : (lines, "id");
    }

    [GeneratedRegex(
        @"^\{\s*'descr':\s*'[<|=](?<type>f[248])',\s*'fortran_order':\s*(?<order>True|False),\s*"
        + @"'shape':\s*\((?<rows>[0-9]{1,9}),\s*(?<classes>[0-9]{1,9})\),?\s*\}\s*$",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NpyHeader();
}
