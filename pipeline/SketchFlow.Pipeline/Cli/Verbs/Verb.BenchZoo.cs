using System.CommandLine;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    private static readonly Option<int?> BenchSize = new("--size") { Description = "Side of the input in pixels; by default the architecture's own." };

    private static readonly Option<int> BenchClasses = new("--classes") { Description = "Number of classes.", DefaultValueFactory = _ => new ZooBenchOptions().Classes };

    private static Command BenchZoo()
    {
        var standard = new ZooBenchOptions();
        var names = new Argument<string[]>("names")
        {
            Description = "Architectures, by timm's names; by default those of recipes/studies/zoo.yaml, of which there are fixtures.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var batch = new Option<int?>("--batch") { Description = "Images a step; by default 8 on a processor (1 above 200 million parameters), 64 on a card." };
        var seconds = new Option<double>("--seconds") { Description = "Seconds at least for each rate, and two steps at least.", DefaultValueFactory = _ => standard.Seconds };
        var fixtures = new Option<string?>("--fixtures") { Description = "Folder with fixtures of timm's logits (NAME.json): a column with the difference, as models verify has it." };
        var resume = new Option<bool>("--resume") { Description = "Keep the rows that an interrupted table of the same sizes and times has, and go on." };
        var verb = new Command("zoo", "Images a second of training and inference, float32 and bf16, architecture by architecture: a table, written row by row.")
        {
            names, BenchSize, batch, seconds, BenchClasses, fixtures, resume, CommonOptions.Device, CommonOptions.Artifacts, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var options = new ZooBenchOptions
            {
                InputSize = parsed.GetValue(BenchSize),
                Batch = parsed.GetValue(batch),
                Seconds = AtLeastNothing(parsed.GetValue(seconds)),
                Classes = TwoOrMore(parsed.GetValue(BenchClasses)),
                Fixtures = CommonOptions.Existing(parsed.GetValue(fixtures), "--fixtures"),
            };
            var device = DeviceChoice.Resolve(parsed.GetValue(CommonOptions.Device) ?? "auto");
            string[] chosen = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. ZooBench.Usual];
            var bench = new ZooBench(options, device);
            bench.Check(chosen);
            var table = bench.Empty;
            var file = Path.Combine(Artifacts.At(parsed.GetValue(CommonOptions.Artifacts)).Reports, "bench-zoo");
            var (markdown, csv) = ($"{file}.md", $"{file}.csv");
            var kept = parsed.GetValue(resume) ? ZooTable.Read(markdown, csv, table.Conditions).Where(r => chosen.Contains(r.Model) && bench.IsOwn(r)).ToList() : [];
            Log(Aligned(table.Head));
            try
            {
                foreach (var name in chosen)
                {
                    interruption.Token.ThrowIfCancellationRequested();
                    table = table with { Rows = [.. table.Rows, kept.Find(r => r.Model == name) ?? bench.Measure(name, interruption.Token)] };
                    Log(Aligned(table.Cells(table.Rows[^1])));

                    // Kept rows whose turn is yet to come stay in the files.
                    var written = table with { Rows = [.. table.Rows, .. kept.Except(table.Rows)] };
                    WholeFile.WriteText(markdown, written.Markdown());
                    WholeFile.WriteText(csv, written.Csv());
                }
            }
            catch (OperationCanceledException)
            {
                Log(table.Rows.IsEmpty ? "Interrupted." : $"Interrupted; {markdown} and {csv} have the {table.Rows.Length} row(s) that were measured, and the same command with --resume goes on from here.");
                return ExitCode.Interrupted;
            }

            Log(table.Conditions);
            Log($"{markdown}, {csv}");
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
                    left_out = ZooTable.LeftOut(r),
                }),
                markdown,
                csv,
            });
            return table.Rows.All(r => r.Agrees) ? ExitCode.Done : ExitCode.Failed;
        });
        return verb;

        static string Aligned(IReadOnlyList<string> cells) => $"{cells[0],-30} {string.Join(' ', cells.Skip(1).Select(c => $"{c,13}"))}";
    }

    private static double AtLeastNothing(double seconds) => seconds >= 0 && double.IsFinite(seconds)
        ? seconds
        : throw new UsageException($"--seconds is {seconds}, where 0 or more is expected.");

    private static int TwoOrMore(int classes) => classes >= 2
        ? classes
        : throw new UsageException($"--classes is {classes}, where 2 or more are expected, since training needs a choice.");
}
