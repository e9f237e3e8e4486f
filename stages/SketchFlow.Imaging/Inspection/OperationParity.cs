using System.Collections.Immutable;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;

namespace SketchFlow.Imaging.Inspection;

/// <summary>Compares single operations with images that other libraries made with the same parameters.</summary>
public static class OperationParity
{
    /// <summary>Largest mean difference for OpenCV's operations, whose versions round differently, levels.</summary>
    public const double OpenCvTolerance = 0.5;

    /// <summary>Largest mean difference for PIL's colour and tone operations, levels.</summary>
    public const double ToneTolerance = 1;

    /// <summary>Largest mean difference for PIL's geometric operations with nearest-neighbour sampling, levels.</summary>
    public const double NearestTolerance = 3;

    private static readonly ImmutableArray<string> Nearest = ["ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"];

    /// <summary>
    /// Runs every case of a list: <c>[{"input": …, "output": …, "source": …, "op": …, "params": {…}}, …]</c>. The images are in the folder of the list.
    /// </summary>
    /// <exception cref="RefusalException">The list or an image cannot be read.</exception>
    public static ImmutableArray<OperationDifference> Run(string file)
    {
        try
        {
            using var cases = JsonDocument.Parse(File.ReadAllText(file));
            var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            return [.. cases.RootElement.EnumerateArray().Select(one => Compare(one, folder))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RefusalException(
                $"{file}: expected a list of cases, each with input, output, source, op and params ({PrintableText.Reason(e)}); "
                + "see ../shared/reference/augment/cases.json for an example.",
                e);
        }
    }

    private static OperationDifference Compare(JsonElement one, string folder)
    {
        string Text(string key) => one.GetProperty(key).GetString() ?? throw new KeyNotFoundException($"{key} is null");
        var (operation, source, parameters) = (Text("op"), Text("source"), one.GetProperty("params"));
        using var input = Read(Path.Combine(folder, Text("input")));
        using var expected = Read(Path.Combine(folder, Text("output")));
        using var found = FixedOperation.Apply(operation, parameters, input);
        var isOpenCv = source.Contains("OpenCV", StringComparison.OrdinalIgnoreCase);
        var allowed = isOpenCv ? OpenCvTolerance : Nearest.Contains(operation) ? NearestTolerance : ToneTolerance;
        var same = (found.Width, found.Height) == (expected.Width, expected.Height);
        var (mean, worst, identical) = same ? Difference(found, expected) : (double.NaN, 255, 0);
        return new OperationDifference(Text("output"), $"{operation} {JsonSerializer.Serialize(parameters)}", source, same, mean, worst, identical, allowed);
    }

    // One grey channel counts as three equal ones.
    private static (double Mean, int Worst, double Identical) Difference(Pixels a, Pixels b)
    {
        var (sum, worst, equal, count) = (0L, 0, 0L, a.Width * a.Height * 3);
        for (var i = 0; i < count; i++)
        {
            var difference = Math.Abs(a.Bytes[a.Channels == 1 ? i / 3 : i] - b.Bytes[b.Channels == 1 ? i / 3 : i]);
            sum += difference;
            worst = Math.Max(worst, difference);
            equal += difference == 0 ? 1 : 0;
        }

        return ((double)sum / count, worst, (double)equal / count);
    }

    private static Pixels Read(string path)
    {
        var outcome = ImageDecoder.Read(new DecodeOptions(), new Sample(0, Path.GetFileName(path), path, null));
        return outcome.Rejection is { } rejected ? throw new RefusalException($"Cannot read {path}: {rejected.Reason}.") : outcome.Value;
    }
}
