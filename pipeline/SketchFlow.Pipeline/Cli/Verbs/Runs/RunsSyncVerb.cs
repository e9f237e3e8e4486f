using System.CommandLine;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Listing;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Pipeline.Cli.Verbs.Runs;

/// <summary>The verb <c>runs sync</c>.</summary>
[Verb(
    "runs sync",
    "Send runs to MLflow, including epochs that the tracking server missed.",
    Order = 20,
    Examples = ["sketchflow runs sync --track mlflow:mlruns", "sketchflow runs sync resnet18-my-data-1 --track http://127.0.0.1:5000"])]
public sealed class RunsSyncVerb : Verb
{
    private readonly Argument<string[]> _names = new("runs") { Description = "Names of runs; default: all.", Arity = ArgumentArity.ZeroOrMore };

    private readonly Option<string[]> _track = new("--track")
    {
        HelpName = "where",
        Description = $"Where MLflow is: mlflow:DIR or http://HOST:PORT; may be repeated. Default: {Trackers.Variable} if it is set.",
        DefaultValueFactory = _ => [],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_names, _track, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var rows = RunTable.All(CommonOptions.ArtifactsOf(parsed), Warn);
        var chosen = parsed.GetValue(_names)! is { Length: > 0 } some ? [.. some.Select(n => RunTable.Named(rows, n))] : rows;
        var stores = Trackers.Stores(parsed.GetValue(_track)!, Environment.GetEnvironmentVariable);
        if (stores.Count == 0)
        {
            throw new UsageException($"No tracking server given; add --track mlflow:DIR or --track http://HOST:PORT, or set {Trackers.Variable}.");
        }

        foreach (var store in stores)
        {
            using (store)
            {
                foreach (var row in chosen)
                {
                    var experiment = Trackers.Experiment(Environment.GetEnvironmentVariable) ?? row.Cell(RunTable.DataSetColumn)!;
                    try
                    {
                        var sent = new MlflowSync(store, row.Folder, experiment).Push(MetricsTable.ReadRun(row.Folder), MlflowStatus.Finished);
                        Log($"{row.Name}: {sent.Epochs} epochs are at {store.Location}, experiment {experiment}, run {sent.Run}");
                    }
                    catch (Exception e) when (e is MlflowRefusalException or System.Net.Http.HttpRequestException or OperationCanceledException)
                    {
                        throw new RefusalException($"{store.Location} did not accept {row.Name}: {PrintableText.Reason(e)}.", e);
                    }
                }
            }
        }

        return ExitCode.Done;
    }
}
