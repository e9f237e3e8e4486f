using SketchFlow.Data.Datasets;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>Two runs and a run with folds on sketches of PACS, predicted, with an ensemble of every rule; made by the real program.</summary>
public sealed class ClassifiedRuns : IDisposable
{
    public const int Folds = 2;

    private const int PerClass = 40;

    public ClassifiedRuns()
    {
        CopySketches();
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

    private void CopySketches()
    {
        var pacs = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch"));
        foreach (var group in pacs.Train.GroupBy(s => s.Target!.Value))
        {
            foreach (var (sample, i) in group.Take(PerClass).Select((s, i) => (s, i)))
            {
                var target = Path.Combine(Data, i < PerClass / 4 ? "test" : "train", pacs.Classes[group.Key], Path.GetFileName(sample.File));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                System.IO.File.Copy(sample.File, target);
            }
        }
    }

    private void Run(string[] arguments)
    {
        var result = ProgramRunner.Run(Artifacts, arguments);
        Assert.True(result.ExitCode == 0, result.ToString());
    }
}
