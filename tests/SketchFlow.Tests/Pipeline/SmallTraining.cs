using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline;

/// <summary>Thirty doodles of three classes, and a small network with batch norms that is trained on them in the process of the test.</summary>
public sealed class SmallTraining : IDisposable
{
    private static readonly string[] _same = ["metrics.csv", "recall.csv", "best.safetensors", "last.safetensors"];

    /// <summary>The smallest architecture with batch norms.</summary>
    public const string Network = "regnetx_002";

    /// <summary>
    /// Overrides of a recipe that limit training to a few seconds. This split has 24 training and 6 validation images, two of
    /// each class: three steps per epoch.
    /// </summary>
    public static string[] Quick { get; } =
    [
        "image_size=32", "batch_size=8", "workers=2", "amp=off", "device=cpu", "epochs=3", "checkpoints.every_minutes=0", "data.split_seed=13",
    ];

    public SmallTraining() => DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 10, TestPerClass = 2, Seed = 7 }, DataFolder);

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-training-").FullName;

    public string DataFolder => Path.Combine(Root, "small");

    public Artifacts Artifacts => new(Path.Combine(Root, "artifacts"));

    public DataSet Data => DataSetReader.Read(DataFolder);

    public List<string> Lines { get; } = [];

    /// <summary>Compares every file of two runs that does not depend on the clock.</summary>
    internal static void AssertSame(RunFolder expected, RunFolder found)
    {
        foreach (var file in _same)
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(expected.Folder, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(found.Folder, file))),
                $"{file} of {found.Name} differs from that of {expected.Name}");
        }

        static IEnumerable<string> Top(RunFolder run) =>
            Directory.Exists(run.Checkpoints) ? Directory.EnumerateFiles(run.Checkpoints).Order(StringComparer.Ordinal) : [];
        Assert.Equal(Top(expected).Select(Path.GetFileName), Top(found).Select(Path.GetFileName));
        Assert.All(Top(expected).Zip(Top(found)), p => Assert.Equal(File.ReadAllBytes(p.First), File.ReadAllBytes(p.Second)));
        Assert.Empty(Directory.EnumerateFiles(found.Folder, "*.tmp", SearchOption.AllDirectories));
    }

    public static Recipe Recipe(params string[] more) => RecipeFile.Load(
        RecipeFile.Find("resnet18"), [$"architecture={Network}", "augmentation=hflip-rotate-rbc", .. Quick, .. more]);

    internal ResumableTraining Trainer(params IRunObserver[] observers) => new(Data, Context(Lines.Add) with { Observers = observers });

    internal CrossValidationJob CrossValidation() => new(Data, Artifacts, Context(Lines.Add));

    internal static JobContext Context(Action<string>? log = null) => new(ComputeDevice.Cpu, log ?? (_ => { }), NoProgress.Factory);

    /// <summary>Trains a run without interruption.</summary>
    internal RunFolder TrainUninterrupted(string name, Recipe recipe)
    {
        var folder = Artifacts.Run(name);
        Trainer().Run(recipe, folder, resume: false, CancellationToken.None);
        return folder;
    }

    /// <summary>Lists every file below a folder with its content, to compare the state before and after a command.</summary>
    internal static SortedDictionary<string, string> Contents(string folder) => new(
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
            .ToDictionary(f => Path.GetRelativePath(folder, f), f => FileHash.Sha256(f), StringComparer.Ordinal),
        StringComparer.Ordinal);

    /// <summary>Cancels a run after a number of steps of its process.</summary>
    internal sealed class CancelAfter(int steps, CancellationTokenSource source) : IRunObserver
    {
        private int _seen;

        public void Step(StepMetrics step)
        {
            if (++_seen == steps)
            {
                source.Cancel();
            }
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
