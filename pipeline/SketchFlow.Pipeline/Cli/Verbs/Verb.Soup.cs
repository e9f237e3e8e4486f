using System.CommandLine;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training.Soup;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow soup</c>.</summary>
    private static Command Soup()
    {
        var runs = new Option<string[]>("--run") { Description = "Runs of one architecture and split: each gives its kept checkpoints (checkpoints.top), or its best weights.", AllowMultipleArgumentsPerToken = true, Required = true };
        var name = new Option<string?>("--name") { Description = "Name of the soup's run; by default soup-KIND-RUN." };
        var kind = new Option<SoupKind>("--kind") { Description = "greedy keeps what does not make validation worse; uniform keeps all.", DefaultValueFactory = _ => SoupKind.Greedy };
        var statistics = new Option<SoupStatistics>("--batch-norm") { Description = "recalibrate counts running statistics anew over training images; average averages them.", DefaultValueFactory = _ => SoupStatistics.Recalibrate };
        var batches = new Option<int>("--batches") { Description = "Training batches for recalibrating.", DefaultValueFactory = _ => new SoupOptions().Batches };
        var best = new Option<bool>("--best-only") { Description = "Take only the best weights of each run." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace a run of the same name." };
        var verb = new Command("soup", "Average the weights of checkpoints or runs of one architecture into a run that predict takes.")
        {
            runs, name, kind, statistics, batches, best, overwrite, CommonOptions.Data, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var options = new SoupOptions { Kind = parsed.GetValue(kind), Statistics = parsed.GetValue(statistics), Batches = parsed.GetValue(batches), BestOnly = parsed.GetValue(best) };
            if (options.Batches < 1)
            {
                throw new UsageException($"--batches is {options.Batches}, where 1 or more is expected.");
            }

            RunFolder[] folders = [.. parsed.GetValue(runs)!.Select(artifacts.Run)];
            var recipe = folders[0].Read(CommonOptions.OverridesOfDevice(parsed));
            var data = DataSource.Open(recipe.Data.Path, artifacts, Environment.ProcessorCount, Progress.Open);
            var target = artifacts.Run(parsed.GetValue(name) is { } given ? Artifacts.CheckName(given, "--name") : $"soup-{options.Kind.ToString().ToLowerInvariant()}-{folders[0].Name}");
            if (folders.Any(f => f.Folder == target.Folder))
            {
                throw new UsageException($"The soup {target.Name} cannot replace one of its own ingredients; choose another --name.");
            }

            if (Directory.Exists(target.Folder) && !parsed.GetValue(overwrite))
            {
                throw new RefusalException($"The run {target.Name} exists already; choose another --name, or --overwrite it.");
            }

            var flow = new SoupJob(options, folders, data, CommonOptions.Context(DeviceChoice.Resolve(recipe.Device)));
            if (Directory.Exists(target.Folder))
            {
                Directory.Delete(target.Folder, recursive: true);
            }

            var (ingredients, soup) = flow.Run(target, interruption.Token);
            var top = ingredients.Max(i => i.ValidationAccuracy);
            Log($"{target.Name}: {ingredients.Count(i => i.Kept)} of {ingredients.Length}, validation accuracy {100 * soup.ValidationAccuracy:0.00} % "
                + $"(the best alone {100 * top:0.00} %), loss {soup.ValidationLoss:0.0000}; {target.Best}");
            CommonOptions.PrintJson(parsed, new
            {
                run = target.Name,
                kept = ingredients.Count(i => i.Kept),
                of = ingredients.Length,
                val_accuracy = soup.ValidationAccuracy,
                val_loss = soup.ValidationLoss,
                best_alone = top,
            });
            return ExitCode.Done;
        });
        return verb;
    }
}
