using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Pipeline.Training.Soup;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The verb <c>soup</c>: averages the weights of several checkpoints or runs into a new run.</summary>
[Verb(
    "soup",
    "Average the weights of checkpoints or runs of one architecture into a new run, which predict accepts.",
    Order = 130,
    Examples =
    [
        "sketchflow soup --run resnet18-doodles-1 --run resnet18-doodles-2",
        "sketchflow soup --run resnet18-doodles-1 --kind uniform --name my-soup",
    ])]
public sealed class SoupVerb : Verb
{
    private const string Instead = "a soup averages the weights of runs of one architecture, and sketchflow ensemble combines any runs.";

    private readonly Option<string[]> _runs = new("--run")
    {
        HelpName = "name",
        Description = "Runs with the same architecture and split. Each contributes its kept checkpoints (checkpoints.top), or else its best weights.",
        AllowMultipleArgumentsPerToken = true,
        Required = true,
    };

    private readonly Option<string?> _name = new("--name") { Description = "Name of the new run; default: soup-KIND-RUN." };

    private readonly Option<SoupKind> _kind = new("--kind")
    {
        Description = "greedy keeps the weights that do not lower the validation result; uniform keeps all.",
        DefaultValueFactory = _ => SoupKind.Greedy,
    };

    private readonly Option<SoupStatistics> _statistics = new("--batch-norm")
    {
        HelpName = "how",
        Description = "Running statistics of batch norm: recalibrate measures them again on training images; average averages them.",
        DefaultValueFactory = _ => SoupStatistics.Recalibrate,
    };

    private readonly Option<int> _batches = new("--batches")
    {
        Description = "Number of training batches to recalibrate with.",
        DefaultValueFactory = _ => new SoupOptions().Batches,
    };

    private readonly Option<bool> _bestOnly = new("--best-only") { Description = "Use only the best weights of each run." };

    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace a run of the same name." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _runs, _name, _kind, _statistics, _batches, _bestOnly, _overwrite,
        CommonOptions.DataOfRun, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Artifacts, CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Average(parsed, cancellation), () => "Interrupted; no run was made or changed. The same command starts again.");

    private int Average(ParseResult parsed, CancellationToken cancellation)
    {
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var options = new SoupOptions
        {
            Kind = parsed.GetValue(_kind),
            Statistics = parsed.GetValue(_statistics),
            Batches = parsed.GetValue(_batches),
            BestOnly = parsed.GetValue(_bestOnly),
        };
        if (options.Batches < 1)
        {
            throw new UsageException($"--batches is {options.Batches}, expected 1 or more.");
        }

        RunFolder[] folders = [.. parsed.GetValue(_runs)!.Select(name => new TrainedModelNames(artifacts, _runs.Name).FindRun(name, Instead))];
        var recipe = folders[0].Read(CommonOptions.RunOverrides(parsed));
        var data = CommonOptions.OpenData(recipe.Data, artifacts);
        var target = Target(parsed, artifacts, options, folders);
        using var runLock = RunLock.Acquire(target);
        var replacement = Replacement.OfRun(artifacts, target);
        var job = new SoupJob(options, folders, data, CommonOptions.Context(parsed, DeviceChoice.Resolve(recipe.Device)))
        {
            Starting = replacement.SetAside,
        };
        var (ingredients, soup) = RunJob(job, target, replacement, cancellation);
        var bestAlone = ingredients.Max(i => i.ValidationAccuracy);
        Log($"{target.Name}: {ingredients.Count(i => i.Kept)} of {ingredients.Length} kept, validation accuracy {Percent.Text(soup.ValidationAccuracy)} "
            + $"(best single {Percent.Text(bestAlone)}), loss {soup.ValidationLoss:0.0000}");
        Log($"weights: {target.Best}");
        Log(Conclude(target.Name, ingredients));
        CommonOptions.PrintJson(parsed, new
        {
            run = target.Name,
            kept = ingredients.Count(i => i.Kept),
            of = ingredients.Length,
            val_accuracy = soup.ValidationAccuracy,
            val_loss = soup.ValidationLoss,
            best_alone = bestAlone,
        });
        return ExitCode.Done;
    }

    /// <summary>Says what to do with the soup, or that it is one of its ingredients.</summary>
    internal static string Conclude(string name, IReadOnlyList<SoupIngredient> ingredients)
    {
        SoupIngredient[] kept = [.. ingredients.Where(i => i.Kept)];
        var (run, file) = (kept[0].Run, Path.GetFileName(kept[0].File));
        var isOnly = ingredients.Count(i => i.Run == run) == 1;
        return kept.Length > 1
            ? $"next: sketchflow predict --run {name}"
            : $"{name} equals {run}{(isOnly ? "" : $" {file}")}: no other weights helped.";
    }

    private static SoupResult RunJob(SoupJob job, RunFolder target, Replacement replacement, CancellationToken cancellation)
    {
        try
        {
            var result = job.Run(target, cancellation);
            replacement.Complete();
            return result;
        }
        finally
        {
            replacement.Restore(Log);
        }
    }

    private RunFolder Target(ParseResult parsed, Artifacts artifacts, SoupOptions options, RunFolder[] folders)
    {
        var name = parsed.GetValue(_name) is { } given
            ? Artifacts.CheckNewRun(given, "--name")
            : $"soup-{options.Kind.ToString().ToLowerInvariant()}-{folders[0].Name}";
        var target = artifacts.Run(name);
        if (folders.Any(f => f.Folder == target.Folder))
        {
            throw new UsageException($"The soup {target.Name} cannot replace one of its own ingredients; choose another --name.");
        }

        return !Directory.Exists(target.Folder) || parsed.GetValue(_overwrite)
            ? target
            : throw new RefusalException($"The run {target.Name} already exists; choose another --name, or replace it with --overwrite.");
    }
}
