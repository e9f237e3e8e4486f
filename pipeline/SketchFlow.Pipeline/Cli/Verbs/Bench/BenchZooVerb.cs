using System.CommandLine;
using SketchFlow.Data.Files;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;

namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>The verb <c>bench zoo</c>: measures architecture by architecture and writes the table after each.</summary>
[Verb(
    "bench zoo",
    "Images per second of training and inference in float32 and bf16 for each architecture; the table is written after every row.",
    Order = 50,
    Examples = ["sketchflow bench zoo resnet18 vit_tiny_patch16_224", "sketchflow bench zoo --batch-size 16 --resume"])]
public sealed class BenchZooVerb : Verb
{
    private readonly Argument<string[]> _names = new("names")
    {
        Description = "Architectures, by timm's names; default: those of recipes/studies/zoo.yaml, which have parity fixtures.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<int?> _batch = new("--batch-size", "-b", "--batch")
    {
        Description = "Images per step; default: 8 on a CPU (1 above 200 million parameters), 64 on a GPU.",
    };

    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "Minimum number of seconds per rate; at least two steps are measured.",
        DefaultValueFactory = _ => new ZooBenchOptions().Seconds,
    };

    private readonly Option<string?> _fixtures = new("--fixtures")
    {
        Description = "Folder with parity fixtures of timm's logits (NAME.json); adds a column with the difference, as in models verify.",
    };

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Keep the rows of an interrupted table with the same sizes and times, and continue it.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [_names, BenchInput.Size, _batch, _seconds, BenchInput.Classes, _fixtures, _resume, CommonOptions.Device, CommonOptions.Artifacts, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Measure(parsed, cancellation), () => "Interrupted before the first architecture was measured; nothing was written.");

    private int Measure(ParseResult parsed, CancellationToken cancellation)
    {
        var options = new ZooBenchOptions
        {
            InputSize = parsed.GetValue(BenchInput.Size),
            Batch = parsed.GetValue(_batch),
            Seconds = BenchInput.SecondsOf(parsed, _seconds),
            Classes = BenchInput.ClassesOf(parsed),
            Fixtures = CommonOptions.Existing(parsed.GetValue(_fixtures), "--fixtures"),
        };
        var device = DeviceChoice.Resolve(parsed.GetValue(CommonOptions.Device) ?? "auto");
        string[] names = parsed.GetValue(_names) is { Length: > 0 } given ? given : [.. ZooBench.DefaultModels];
        var bench = new ZooBench(options, device);
        bench.Check(names);
        var table = bench.Empty;
        var file = Path.Combine(CommonOptions.ArtifactsOf(parsed).Reports, "bench-zoo");
        var (markdown, csv) = ($"{file}.md", $"{file}.csv");
        List<ZooRow> kept = parsed.GetValue(_resume)
            ? [.. ZooTable.Read(markdown, csv, table.Conditions).Where(r => names.Contains(r.Model) && bench.IsComparable(r))]
            : [];
        try
        {
            foreach (var name in names)
            {
                cancellation.ThrowIfCancellationRequested();
                table = table with { Rows = [.. table.Rows, kept.Find(r => r.Model == name) ?? bench.Measure(name, cancellation)] };
                var cells = table.Head.Zip(table.Cells(table.Rows[^1])).Select(c => $"{c.First} {c.Second}");
                Log($"{table.Rows.Length} of {names.Length}: {string.Join(", ", cells)}");

                // Rows of the interrupted table that have not been reached yet stay in the files.
                var written = table with { Rows = [.. table.Rows, .. kept.Except(table.Rows)] };
                WholeFile.WriteText(markdown, written.Markdown());
                WholeFile.WriteText(csv, written.Csv());
            }
        }
        catch (OperationCanceledException) when (!table.Rows.IsEmpty)
        {
            Log($"Interrupted; {markdown} and {csv} contain the {table.Rows.Length} measured row(s). Continue with the same command and --resume.");
            return ExitCode.Interrupted;
        }

        Print(table);
        Log(table.Conditions);
        Log($"{markdown}, {csv}");
        PrintJson(parsed, table, options, device, (markdown, csv));
        return table.Rows.All(r => r.Agrees) ? ExitCode.Done : ExitCode.Failed;
    }

    private static void PrintJson(ParseResult parsed, ZooTable table, ZooBenchOptions options, ComputeDevice device, (string Markdown, string Csv) files) =>
        CommonOptions.PrintJson(parsed, new
        {
            device = device.ToString(),
            threads = ComputeThreads.Count,
            seconds = options.Seconds,
            classes = options.Classes,
            bf16 = MixedPrecision.Resolve(AmpMode.Auto, device) == ComputePrecision.BFloat16,
            rows = table.Rows.Select(r => new
            {
                model = r.Model,
                input_size = r.InputSize,
                parameters = r.Parameters,
                macs = r.MultiplyAdds,
                batch = r.Batch,
                error = r.Error is { } error && double.IsFinite(error) ? r.Error : null,
                agrees = r.Error is null ? default(bool?) : r.Agrees,
                infer = r.Infer.ImagesPerSecond,
                infer_bf16 = r.InferBFloat16.ImagesPerSecond,
                train = r.Train.ImagesPerSecond,
                train_bf16 = r.TrainBFloat16.ImagesPerSecond,
                left_out = ZooTable.Omissions(r),
            }),
            markdown = files.Markdown,
            csv = files.Csv,
        });

    private static void Print(ZooTable rows)
    {
        // Parameters, multiply-adds and the batch size are left out first.
        int[] ranks = [0, 0, 2, 3, 1];
        var table = new TerminalTable();
        foreach (var (head, i) in rows.Head.Select((h, i) => (h, i)))
        {
            _ = i == 0 ? table.Text(head) : table.Number(head, ranks.ElementAtOrDefault(i));
        }

        foreach (var row in rows.Rows)
        {
            table.Row([.. rows.Cells(row).Select(c => new TableCell(c))]);
        }

        table.Print();
    }
}
