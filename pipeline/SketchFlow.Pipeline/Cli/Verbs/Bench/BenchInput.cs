using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>Options and input images that several benchmarks share.</summary>
internal static class BenchInput
{
    public static Option<int?> Size { get; } = new("--image-size", "--size", "--img-size", "--imgsz")
    {
        Description = "Side of the input in pixels; default: the architecture's own.",
        HelpName = "pixels",
    };

    public static Option<int> Classes { get; } = new("--classes")
    {
        Description = "Number of classes.",
        DefaultValueFactory = _ => new ZooBenchOptions().Classes,
    };

    /// <summary>Returns <c>--classes</c>.</summary>
    /// <exception cref="UsageException">It is below 2.</exception>
    public static int ClassesOf(ParseResult parsed)
    {
        var classes = parsed.GetValue(Classes);
        return classes >= 2 ? classes : throw new UsageException($"--classes is {classes}, expected 2 or more.");
    }

    /// <summary>Returns <c>--seconds</c>.</summary>
    /// <exception cref="UsageException">It is negative or not finite.</exception>
    public static double SecondsOf(ParseResult parsed, Option<double> option)
    {
        var seconds = parsed.GetValue(option);
        return seconds >= 0 && double.IsFinite(seconds) ? seconds : throw new UsageException($"--seconds is {seconds}, expected 0 or more.");
    }

    /// <summary>Writes JPEG files of photo size from the training images of a data set.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="artifacts">The output folder.</param>
    /// <param name="count">Number of files.</param>
    /// <param name="log">Receives the sentence that describes them.</param>
    public static IReadOnlyList<Sample> WriteImages(DataSet data, Artifacts artifacts, int count, Action<string> log)
    {
        log($"{count} JPEGs of 400-800 px made from {data.Name}");
        return BenchmarkImages.Write([.. data.Train.Where(s => s.Fault is null)], Path.Combine(artifacts.Bench, "images", data.Name), count, seed: 1);
    }
}
