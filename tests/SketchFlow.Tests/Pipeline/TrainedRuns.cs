using SketchFlow.Imaging.Doodles;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline;

/// <summary>A small data set, and two runs on it by the real program, made once for the tests that look at what they left.</summary>
public sealed class TrainedRuns : IDisposable
{
    public const int Classes = 3;
    public const int TestRows = 12;
    public const int ValidationRows = 6;

    /// <summary>What makes a training run take seconds.</summary>
    internal static string[] Quick { get; } = ["--epochs", "2", .. Tiny];

    /// <summary>The same without a number of epochs.</summary>
    internal static string[] Tiny =>
        ["--set", "image_size=32", "--set", "batch_size=8", "--set", "workers=2", "--amp", "off", "--device", "cpu"];

    public TrainedRuns()
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = Classes, TrainPerClass = 10, TestPerClass = 4, Seed = 5 }, Data);
        First = Sketchflow.Run(Artifacts, ["train", "--model", "resnet18", "--data", Data, "--run", "one", "--json", .. Quick]);
        Second = Sketchflow.Run(Artifacts, ["train", "--model", "convnext_atto", "--data", Data, "--run", "two", .. Quick]);
        Predicted = Sketchflow.Run(Artifacts, "predict", "--run", "all", "--json");
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-runs-").FullName;

    public string Artifacts => Path.Combine(Root, "artifacts");

    public string Data => Path.Combine(Root, "few");

    internal Answer First { get; }

    internal Answer Second { get; }

    internal Answer Predicted { get; }

    public string File(params string[] parts) => Path.Combine([Artifacts, .. parts]);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
