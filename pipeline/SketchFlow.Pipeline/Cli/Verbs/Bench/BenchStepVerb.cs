using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Bench;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Cli.Verbs.Bench;

/// <summary>The verb <c>bench step</c>: profiles one inference step and one training step.</summary>
[Verb(
    "bench step",
    "Profile a step: the whole step compared with its convolutions, matrix products and attentions alone.",
    Order = 60,
    Examples = ["sketchflow bench step --model resnet18", "sketchflow bench step --model resnet18 --batch-size 16 --amp off"])]
public sealed class BenchStepVerb : Verb
{
    private readonly Option<string> _model = new("--model") { Description = "An architecture, by timm's name.", DefaultValueFactory = _ => "resnet50" };

    private readonly Option<int> _batch = new("--batch-size", "-b", "--batch") { Description = "Images per step.", DefaultValueFactory = _ => 8 };

    private readonly Option<AmpMode> _amp = new("--amp") { Description = "Mixed precision: auto, off, bf16 or fp16.", DefaultValueFactory = _ => AmpMode.Auto };

    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "Minimum number of seconds for the steps of each kind, before and after the operations; a tenth of it for each operation.",
        DefaultValueFactory = _ => 5,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
        [_model, BenchInput.Size, _batch, _amp, _seconds, BenchInput.Classes, CommonOptions.Device, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Profile(parsed, cancellation), () => "Interrupted before the measurement was complete; nothing was written.");

    private int Profile(ParseResult parsed, CancellationToken cancellation)
    {
        var recipe = new Recipe
        {
            Architecture = parsed.GetValue(_model)!,
            ImageSize = parsed.GetValue(BenchInput.Size),
            BatchSize = parsed.GetValue(_batch),
        }.Checked();
        var device = DeviceChoice.Resolve(parsed.GetValue(CommonOptions.Device) ?? "auto");
        var precision = MixedPrecision.Resolve(parsed.GetValue(_amp), device);
        var bench = new StepBench(recipe, BenchInput.ClassesOf(parsed), device, precision);
        var result = bench.Run(BenchInput.SecondsOf(parsed, _seconds), cancellation);
        Log($"{recipe.Architecture}, {result.InputSize} px, {Plural.Of(result.Batch, "image")} per step, {precision}, {device}, "
            + $"{Plural.Of(ComputeThreads.Count, "thread")}; median step in ms");
        Table(result).Print();

        Log("remainder: norms, activations, sums, copies and casts; in training also their gradients, the loss and the optimiser");
        CommonOptions.PrintJson(parsed, new
        {
            model = recipe.Architecture,
            input_size = result.InputSize,
            batch = result.Batch,
            precision = precision.ToString(),
            device = device.ToString(),
            threads = ComputeThreads.Count,
            infer = Shares(result.Infer, result.Batch),
            train = Shares(result.Train, result.Batch),
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
    }

    private static object Shares(StepShares shares, int batch) => new
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

    // One row per part, with inference and training in columns.
    private static TerminalTable Table(StepResult result)
    {
        var table = new TerminalTable().Text("").Number("infer, ms").Number("share").Number("train, ms").Number("share");
        Part(Counted("convolutions alone", LayerKind.Convolution), s => s.Convolutions);
        Part(Counted("linear layers alone", LayerKind.Linear), s => s.Linear);
        Part(Counted("attention alone", LayerKind.Attention), s => s.Attention);
        Part("remainder", s => s.Remainder);
        Part("step", s => s.Step);
        table.Row("images/s", Text(result.Batch / result.Infer.Step, "0.00"), "", Text(result.Batch / result.Train.Step, "0.00"), "");
        return table;

        string Counted(string name, LayerKind kind) =>
            result.Count(kind) is { Layers: > 0 } count ? $"{name} ({count.Layers}, {count.Different} different)" : $"{name} (0)";

        void Part(string name, Func<StepShares, double> part)
        {
            var (infer, train) = (part(result.Infer), part(result.Train));
            table.Row(
                name, Text(1000 * infer, "0.0"), Percent.Text(infer / result.Infer.Step), Text(1000 * train, "0.0"), Percent.Text(train / result.Train.Step));
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
