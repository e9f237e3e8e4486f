using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>A data set with one image file per kind of damage, with a run and its predictions.</summary>
public sealed class DamagedImageRuns : IDisposable
{
    private static readonly (string Name, Action<string> Damage)[] Faults =
    [
        ("missing", File.Delete),
        ("empty", path => File.WriteAllBytes(path, [])),
        ("text", path => File.WriteAllText(path, "this is not an image")),
        ("truncated", path => File.WriteAllBytes(path, File.ReadAllBytes(path)[..^2000])),
        ("directory", path => { File.Delete(path); Directory.CreateDirectory(path); }),
    ];

    public DamagedImageRuns()
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 12, TestPerClass = 4, Seed = 6 }, Data);
        DamageFiles("train", Path.Combine(Data, "train.csv"), column: 1);
        DamageFiles("test", Path.Combine(Data, "test.csv"), column: 0);
        // A row with an unknown target, and an image of a single pixel, which is small but valid.
        var rows = File.ReadAllLines(Path.Combine(Data, "train.csv"));
        rows[^1] = string.Join(',', [.. rows[^1].Split(',')[..2], "seven"]);
        File.WriteAllLines(Path.Combine(Data, "train.csv"), rows);
        var dot = Path.Combine(Data, "test", File.ReadAllLines(Path.Combine(Data, "test.csv"))[^1]);
        using (var pixel = SketchFlow.Data.Images.Pixels.From(new Sample(0, "dot", dot, null), 1, 1, 1, [7]))
        {
            File.WriteAllBytes(dot, ImageEncoder.ToPng(pixel));
        }

        Trained = ProgramRunner.Run(Artifacts, ["train", "--model", "resnet18", "--data", Data, "--run", "damaged", .. TrainedRuns.Quick]);
        Predicted = ProgramRunner.Run(Artifacts, "predict", "--run", "damaged");
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-damaged-").FullName;

    public string Artifacts => Path.Combine(Root, "artifacts");

    public string Data => Path.Combine(Root, "damaged");

    public static int Count => Faults.Length;

    internal ProgramResult Trained { get; }

    internal ProgramResult Predicted { get; }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void DamageFiles(string split, string table, int column)
    {
        var paths = File.ReadLines(table).Skip(1).Select(l => l.Split(',')[column]).ToList();
        for (var i = 0; i < Faults.Length; i++)
        {
            Faults[i].Damage(Path.Combine(Data, split, paths[i * 2]));
        }
    }
}
