using System.Text.Json;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Policies;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Experiments.Studies;
using SketchFlow.Pipeline.Experiments.Sweeps;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Scoring.Tables;
using SketchFlow.Scoring.Tables.Import;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline;

/// <summary>A name with a slip of the hand, wherever names are read: options, files and lists answer with the name that was meant.</summary>
public sealed class SuggestedNamesTests
{
    private const string Sweep = "method: grid\nmetric: {name: val_loss, goal: minimize}\nparameters: {lr: {values: [0.1]}}\n";

    private const string Ensemble = "dataset: d\ncombine: soft\nmembers:\n  - run: a\n    weight: 1\n    temperature: 1\n";

    // The place, the name that was meant, and what reads it.
    private static readonly (string Place, string Meant, Action<TemporaryFolder> Read)[] _slips =
    [
        ("key of a sweep file", "parameters", _ => SweepFile.Parse(Sweep.Replace("parameters", "paramters", StringComparison.Ordinal), "s.yaml")),
        ("ignored key of a sweep file", "program", _ => SweepFile.Parse(Sweep + "progam: train.py\n", "s.yaml")),
        ("method of a sweep", "random", _ => SweepFile.Parse(Sweep.Replace("grid", "randm", StringComparison.Ordinal), "s.yaml")),
        ("goal of a sweep", "minimize", _ => SweepFile.Parse(Sweep.Replace("minimize", "minimise", StringComparison.Ordinal), "s.yaml")),
        ("key of a sweep's metric", "goal", _ => SweepFile.Parse(Sweep.Replace("goal", "gaol", StringComparison.Ordinal), "s.yaml")),
        ("key of a sweep's parameter", "values", _ => SweepFile.Parse(Sweep.Replace("values", "valeus", StringComparison.Ordinal), "s.yaml")),
        ("distribution of a sweep", "log_uniform_values", _ => SweepFile.Parse(
            Sweep.Replace("values: [0.1]", "distribution: log_unifrom_values, min: 1, max: 2", StringComparison.Ordinal), "s.yaml")),
        ("key of early_terminate", "min_iter", _ => SweepFile.Parse(Sweep + "early_terminate: {type: hyperband, min_itr: 3}\n", "s.yaml")),
        ("name of a study", "losses", _ => StudyChanges.Read("loses")),
        ("key of a study file", "changes", folder => StudyChanges.Read(Write(folder, "s.yaml", "chanegs: {a: {epochs: 2}}\n"))),
        ("key of an ensemble file", "combine", folder => EnsembleFile.Load(
            Write(folder, "e.yaml", Ensemble.Replace("combine", "combin", StringComparison.Ordinal)))),
        ("key of an ensemble's member", "weight", folder => EnsembleFile.Load(
            Write(folder, "e.yaml", Ensemble.Replace("weight", "wieght", StringComparison.Ordinal)))),
        ("rule of an ensemble", "perclass", _ => SavedCombination.Create(
            new EnsembleFile { Combine = "perclas", Members = [new EnsembleMember { Run = "a", Weight = 1, Temperature = 1 }] },
            2,
            new Lazy<LogitsSet>(() => throw new InvalidOperationException("The rule is read first.")))),
        ("--tta", "hflip", _ => TestTimeAugmentation.Parse(["hflp"])),
        ("--tta of several", "multi-scale", _ => TestTimeAugmentation.Parse(["vflip,multi-scal"])),
        ("--track", "mlflow", _ => Trackers.Stores(["mlfow:runs"], _ => null)),
        ("name of a recipe", "resnet18", _ => RecipeFile.Find("resnet81")),
        ("recipe that a file extends", "resnet18", folder => Recipe(folder, "extends: resnet81\n")),
        ("key of a recipe file", "epochs", folder => Recipe(folder, "extends: resnet18\nepohcs: 3\n")),
        ("key of a section", "learning_rate", folder => Recipe(folder, "extends: resnet18\noptimizer: {lerning_rate: 3}\n")),
        ("kind of a section", "adamw", folder => Recipe(folder, "extends: resnet18\noptimizer: {kind: admaw}\n")),
        ("choice of a recipe", "bf16", folder => Recipe(folder, "extends: resnet18\namp: bf61\n")),
        ("--set", "learning_rate", folder => Recipe(folder, "extends: resnet18\n", "optimizer.learning_rat=1")),
        ("augmentation preset", "randaugment", folder => Recipe(folder, "extends: resnet18\naugmentation: randaugmnt\n")),
        ("name of a transform", "rotate", _ => Transform.TypeOf("rotat")),
        ("section of timm's notation", "mstd", _ => TimmRandAugment.Parse("rand-m9-mtsd0.5")),
        ("name of an architecture", "resnet18", _ => Zoo.FamilyOf("resnet81")),
        ("name of a run's folder", "first", folder => new RunFolder(folder.WithFolder("first")["frist"]).Read()),
        ("name of an operation", "gaussian-blur", _ => FixedOperation.Apply("gausian-blur", default, default!)),
        ("name of an encoding", "windows-1252", _ => TextEncodings.Find("window-1252")),
        ("--split of an import", "test", folder => LogitsImport.Import(
            new Artifacts(folder.Root), "a.csv", null, "tset", "a", "resnet18", new ImportOptions())),
        ("--method", "greedy", _ => Usage("ensemble", "--method", "gredy")),
        ("--device", "cuda", _ => DeviceChoice.Resolve("cdua")),
        ("a verb", "ensemble", _ => Usage("ensembel")),
        ("an option", "--epochs", _ => Usage("train", "--epoch", "3")),
        ("a shell", "bash", _ => Usage("completion", "bsah")),
    ];

    public static TheoryData<string> Places() => [.. _slips.Select(s => s.Place)];

    [Theory]
    [MemberData(nameof(Places))]
    public void A_slip_is_answered_with_the_name_that_was_meant(string place)
    {
        using var folder = new TemporaryFolder();
        var (_, meant, read) = _slips.Single(s => s.Place == place);
        var refused = Assert.ThrowsAny<Exception>(() => read(folder));

        Assert.True(refused is RefusalException or UsageException, refused.ToString());
        Assert.Contains($"(did you mean '{meant}'?)", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static string Write(TemporaryFolder folder, string name, string text) => folder.With(name, text)[name];

    private static void Recipe(TemporaryFolder folder, string text, params string[] overrides) => RecipeFile.Load(Write(folder, "r.yaml", text), overrides);

    private static void Usage(params string[] arguments) => throw new UsageException(UsageErrors.Describe(VerbTree.Parse(arguments)));
}
