using SketchFlow.Imaging.Doodles;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline;

/// <summary>A small data set with two runs and their predictions, created once by the real program for all tests that read their files.</summary>
public sealed class TrainedRuns : IDisposable
{
    public const int Classes = 3;
    public const int TestRows = 12;
    public const int ValidationRows = 6;

    /// <summary>Options that limit training to a few seconds.</summary>
    internal static string[] Quick { get; } = ["--epochs", "2", .. Tiny];

    /// <summary>
    /// The options of <see cref="Quick"/> without a number of epochs. This split seed gives two of the ten doodles of each class to validation.
    /// </summary>
    internal static string[] Tiny =>
        ["--set", "image_size=32", "--set", "batch_size=8", "--set", "workers=2", "--set", "data.split_seed=13", "--amp", "off", "--device", "cpu"];

    public TrainedRuns()
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = Classes, TrainPerClass = 10, TestPerClass = 4, Seed = 5 }, Data);
        First = ProgramRunner.Run(Artifacts, ["train", "--model", "resnet18", "--data", Data, "--run", "one", "--json", "--verbose", .. Quick]);
        Second = ProgramRunner.Run(Artifacts, ["train", "--model", "convnext_atto", "--data", Data, "--run", "two", .. Quick]);
        Predicted = ProgramRunner.Run(Artifacts, "predict", "--run", "all", "--json");
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-runs-").FullName;

    public string Artifacts => Path.Combine(Root, "artifacts");

    public string Data => Path.Combine(Root, "few");

    internal ProgramResult First { get; }

    internal ProgramResult Second { get; }

    internal ProgramResult Predicted { get; }

    public string File(params string[] parts) => Path.Combine([Artifacts, .. parts]);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
