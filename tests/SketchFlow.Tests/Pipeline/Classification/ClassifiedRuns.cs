using SketchFlow.Imaging.Doodles;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>Two runs and a run with folds, predicted, with an ensemble of every rule; made by the real program.</summary>
public sealed class ClassifiedRuns : IDisposable
{
    public const int Folds = 2;

    public ClassifiedRuns()
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = TrainedRuns.Classes, TrainPerClass = 10, TestPerClass = 4, Seed = 5 }, Data);
        Run(["train", "--model", "resnet18", "--data", Data, "--run", "one", .. TrainedRuns.Quick]);
        Run(["train", "--model", "convnext_atto", "--data", Data, "--run", "two", .. TrainedRuns.Quick]);
        Run(["train", "--model", "regnetx_002", "--data", Data, "--run", "folds", "--folds", "2", "--epochs", "1", .. TrainedRuns.Tiny]);
        Run(["predict", "--run", "one", "--run", "two", "--run", "folds"]);
        Run(["predict", "--run", "one", "--tta", "hflip"]);
        Run(["ensemble", "--name", "soft", .. Ensemble]);
        Run(["ensemble", "--name", "logits", "--combine", "logits", .. Ensemble]);
        Run(["ensemble", "--name", "rank", "--combine", "rank", .. Ensemble]);
        Run(["ensemble", "--name", "hard", "--combine", "hard", .. Ensemble]);
        Run(["ensemble", "--name", "perclass", "--combine", "perclass", .. Ensemble]);
        Run(["ensemble", "--name", "stacked", "--combine", "stacked", .. Ensemble]);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-classified-").FullName;

    public string Artifacts => Path.Combine(Root, "artifacts");

    public string Data => Path.Combine(Root, "few");

    private static string[] Ensemble => ["--runs", "one*", "--runs", "two", "--method", "all", "--no-comparison"];

    public string File(params string[] parts) => Path.Combine([Artifacts, .. parts]);

    public string Table(string split, string member) => File("logits", "few", split, $"{member}.parquet");

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Run(string[] arguments)
    {
        var result = ProgramRunner.Run(Artifacts, arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
