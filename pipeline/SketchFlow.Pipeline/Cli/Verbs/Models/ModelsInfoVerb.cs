using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Pipeline.Cli.Verbs.Models;

/// <summary>The verb <c>models info</c>.</summary>
[Verb(
    "models info",
    "Show an architecture: layers, shapes, parameters, preprocessing.",
    Order = 20,
    Examples = ["sketchflow models info resnet18", "sketchflow models info vit_tiny_patch16_224 --size 384 --classes 10"])]
public sealed class ModelsInfoVerb : Verb
{
    private readonly Argument<string> _name = new("name") { Description = "An architecture, by timm's name." };

    private readonly Option<int> _classes = new("--classes") { Description = "Number of classes.", DefaultValueFactory = _ => 1000 };

    private readonly Option<int?> _size = new("--size") { Description = "Side of the input in pixels; default: the architecture's." };

    private readonly Option<bool> _tensors = new("--tensors") { Description = "Also list all tensors with their shapes and layer groups." };

    private readonly Option<bool> _graph = new("--graph")
    {
        Description = "Also list the operations of the forward pass for one image, with the shapes of their results: what export and the work count read.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_name, _classes, _size, _tensors, _graph, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var model = Zoo.Build(parsed.GetValue(_name)!, new() { Classes = parsed.GetValue(_classes), InputSize = parsed.GetValue(_size) });
        LibTorch.Load();
        var flops = FlopCounter.Count(model);
        var tags = Pretrained.TagsFor(model.Name);
        PrintSummary(model, flops, tags);
        PrintLayers(flops);
        if (parsed.GetValue(_tensors))
        {
            PrintTensors(model);
        }

        if (parsed.GetValue(_graph))
        {
            PrintGraph(model);
        }

        PrintJson(parsed, model, flops, tags);
        return ExitCode.Done;
    }

    private static void PrintLayers(FlopCounter flops)
    {
        Log("");
        var table = new TerminalTable().Text("layer").Text("output").Number("MMACs").Text("kind", rank: 1);
        foreach (var layer in flops.Layers)
        {
            var work = layer.MultiplyAdds == 0 ? "-" : $"{layer.MultiplyAdds / 1e6:N2}";
            table.Row(layer.Name, Shape(layer.Output), work, layer.Kind.ToString());
        }

        table.Print();
    }

    private static void PrintTensors(Architecture model)
    {
        Log("");
        var table = new TerminalTable().Text("tensor").Text("shape").Number("parameters").Number("group", rank: 1);
        foreach (var tensor in model.Tensors)
        {
            var learned = tensor.Role == TensorRole.Parameter ? $"{tensor.Count:N0}" : "-";
            table.Row(tensor.Name, Shape(tensor.Shape), learned, $"{tensor.LayerGroup}");
        }

        table.Print();
    }

    private static void PrintGraph(Architecture model)
    {
        using var graph = model.Record(images: 1);
        Log("");
        var table = new TerminalTable().Text("node").Text("operation").Text("output").Text("inputs");
        var (names, count) = (new Dictionary<Node, string>(), 0);
        foreach (var node in graph.Nodes)
        {
            if (node.Operation is Operation.Weight weight)
            {
                names.Add(node, weight.Name);
                continue;
            }

            names.Add(node, $"%{count++}");
            table.Row(names[node], Title(node.Operation), Shape(node.Shape), string.Join(", ", node.Inputs.Select(input => names[input])));
        }

        table.Print();
    }

    private static string Title(Operation operation) => operation switch
    {
        Operation.Elementwise map => map.Function.ToString(),
        Operation.Binary binary => binary.Function.ToString(),
        Operation.BinaryWithNumber binary => string.Create(CultureInfo.InvariantCulture, $"{binary.Function} {binary.Number}"),
        _ => operation.GetType().Name,
    };

    private static void PrintSummary(Architecture model, FlopCounter flops, ImmutableArray<PretrainedTag> tags)
    {
        var preprocessing = model.Preprocessing;
        Log($"{model.Name}: {model.Parameters:N0} parameters in {model.Tensors.Length} tensors, {model.Tensors.Max(t => t.LayerGroup) + 1} layer groups");
        var attention = flops.MultiplyAdds - flops.MultiplyAddsWithoutAttention;
        Log($"{flops.MultiplyAdds / 1e9:0.00} GMACs per image, {attention / 1e9:0.00} of them in the attention products");
        Log($"input {model.InputSize} x {model.InputSize} px, {preprocessing.Interpolation}, crop {preprocessing.CropPct} ({preprocessing.CropMode})");
        Log($"mean {string.Join(", ", preprocessing.Mean)}; std {string.Join(", ", preprocessing.Std)}");
        Log($"first convolution {model.FirstConvolution}, classifier {model.Classifier}{(model.SecondClassifier is { } second ? $" and {second}" : "")}");
        Log(tags.IsEmpty ? "pretrained: timm has no weights" : $"pretrained tags, timm's default first: {tags.Length}");
        foreach (var tag in tags)
        {
            Log($"  {tag}");
        }
    }

    private static string Shape(IEnumerable<long> sides) => string.Join('×', sides) is { Length: > 0 } shape ? shape : "scalar";

    private static void PrintJson(ParseResult parsed, Architecture model, FlopCounter flops, ImmutableArray<PretrainedTag> tags) =>
        CommonOptions.PrintJson(parsed, new
        {
            model = model.Name,
            parameters = model.Parameters,
            macs = flops.MultiplyAdds,
            macs_without_attention = flops.MultiplyAddsWithoutAttention,
            input_size = model.InputSize,
            mean = model.Preprocessing.Mean,
            std = model.Preprocessing.Std,
            interpolation = model.Preprocessing.Interpolation,
            crop_pct = model.Preprocessing.CropPct,
            crop_mode = model.Preprocessing.CropMode,
            pretrained = tags.Select(t => new { tag = t.Tag, repository = t.Repository, classes = t.Classes, input_size = t.InputSize }),
            layers = flops.Layers.Select(l => new { name = l.Name, kind = l.Kind.ToString(), output = l.Output, macs = l.MultiplyAdds }),
            tensors = model.Tensors.Select(t => new { name = t.Name, shape = t.Shape, role = t.Role.ToString(), layer_group = t.LayerGroup }),
        });
}
