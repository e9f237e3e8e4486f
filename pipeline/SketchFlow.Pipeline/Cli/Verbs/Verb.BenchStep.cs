using System.CommandLine;
using System.Globalization;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    private static Command BenchStep()
    {
        var model = new Option<string>("--model") { Description = "An architecture, by timm's name.", DefaultValueFactory = _ => "resnet50" };
        var batch = new Option<int>("--batch") { Description = "Images a step.", DefaultValueFactory = _ => 8 };
        var amp = new Option<AmpMode>("--amp") { Description = "Mixed precision: auto, off, bf16 or fp16.", DefaultValueFactory = _ => AmpMode.Auto };
        var seconds = new Option<double>("--seconds") { Description = "Seconds at least for the steps of each kind, before and after the operations; a tenth for each operation.", DefaultValueFactory = _ => 5 };
        var verb = new Command("step", "Where a step's time goes: the model's step beside its convolutions, matrix products and attentions alone.")
        {
            model, BenchSize, batch, amp, seconds, BenchClasses, CommonOptions.Device, CommonOptions.Json,
        };
        verb.SetAction(parsed =>
        {
            using var interruption = new Interruption();
            var recipe = new Recipe { Architecture = parsed.GetValue(model)!, ImageSize = parsed.GetValue(BenchSize), BatchSize = parsed.GetValue(batch) }.Checked();
            var device = DeviceChoice.Resolve(parsed.GetValue(CommonOptions.Device) ?? "auto");
            var precision = MixedPrecision.Resolve(parsed.GetValue(amp), device);
            var bench = new StepBench(recipe, TwoOrMore(parsed.GetValue(BenchClasses)), device, precision);
            StepResult result;
            try
            {
                result = bench.Run(AtLeastNothing(parsed.GetValue(seconds)), interruption.Token);
            }
            catch (OperationCanceledException)
            {
                Log("Interrupted.");
                return ExitCode.Interrupted;
            }

            Log($"{recipe.Architecture}, {result.InputSize} px, {result.Batch} image{(result.Batch == 1 ? "" : "s")} a step, {precision}, {device}, {ComputeThreads.Count} thread{(ComputeThreads.Count == 1 ? "" : "s")}; ms of the median step");
            foreach (var line in Lines(result))
            {
                Log(line);
            }

            Log("remainder: norms, activations, sums, copies and casts; in training their gradients too, the loss and the optimiser");
            CommonOptions.PrintJson(parsed, new
            {
                model = recipe.Architecture,
                input_size = result.InputSize,
                batch = result.Batch,
                precision = precision.ToString(),
                device = device.ToString(),
                threads = ComputeThreads.Count,
                infer = Values(result.Infer, result.Batch),
                train = Values(result.Train, result.Batch),
                operations = result.Operations.Select(o => new
                {
                    operation = o.Operation.ToString(),
                    layer = o.Layer.ToString(),
                    count = o.Count,
                    macs = o.MultiplyAdds,
                    infer_ms = 1000 * o.InferSeconds,
                    train_ms = 1000 * o.TrainSeconds,
                }),
            });
            return ExitCode.Done;
        });
        return verb;

        static object Values(StepShares shares, int batch) => new
        {
            step_ms = 1000 * shares.Step,
            images_per_second = batch / shares.Step,
            convolutions_ms = 1000 * shares.Convolutions,
            linear_ms = 1000 * shares.Linear,
            attention_ms = 1000 * shares.Attention,
            remainder_ms = 1000 * shares.Remainder,
            convolutions_share = shares.Convolutions / shares.Step,
            linear_share = shares.Linear / shares.Step,
            attention_share = shares.Attention / shares.Step,
            remainder_share = shares.Remainder / shares.Step,
        };
    }

    /// <summary>The table: a line for each part, inference beside training.</summary>
    private static IEnumerable<string> Lines(StepResult result)
    {
        yield return $"{"",-38} {"infer, ms",12} {"share",8} {"train, ms",12} {"share",8}";
        yield return Part(Counted("convolutions alone", LayerKind.Convolution), s => s.Convolutions);
        yield return Part(Counted("linear layers alone", LayerKind.Linear), s => s.Linear);
        yield return Part(Counted("attention alone", LayerKind.Attention), s => s.Attention);
        yield return Part("remainder", s => s.Remainder);
        yield return Part("step", s => s.Step);
        yield return string.Create(CultureInfo.InvariantCulture, $"{"images/s",-38} {result.Batch / result.Infer.Step,12:0.00} {"",8} {result.Batch / result.Train.Step,12:0.00}");

        string Counted(string what, LayerKind kind) => result.Count(kind) is { Layers: > 0 } count ? $"{what} ({count.Layers}, {count.Different} different)" : $"{what} (0)";

        string Part(string what, Func<StepShares, double> part) => string.Create(
            CultureInfo.InvariantCulture,
            $"{what,-38} {1000 * part(result.Infer),12:0.0} {100 * part(result.Infer) / result.Infer.Step,6:0.0} % {1000 * part(result.Train),12:0.0} {100 * part(result.Train) / result.Train.Step,6:0.0} %");
    }
}
