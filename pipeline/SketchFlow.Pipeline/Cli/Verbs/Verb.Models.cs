using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Parity;
using SketchFlow.Learning.Models.Profiling;
using SketchFlow.Learning.Native;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow models …</c>: the zoo.</summary>
    private static Command Models()
    {
        var verb = new Command("models", "The architectures: list them, look into one, fetch pretrained weights, check a file of weights, hold them against timm.");
        verb.Add(ListModels());
        verb.Add(DescribeModel());
        verb.Add(PullModels());
        verb.Add(CheckWeights());
        verb.Add(VerifyModels());
        return verb;
    }

    private static Command ListModels()
    {
        var filter = new Argument<string>("filter") { Description = "Part of a name, or a pattern with *.", DefaultValueFactory = _ => "*" };
        var verb = new Command("list", "List architectures: parameters, input size, multiply-adds, pretrained tags known.") { filter, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var pattern = parsed.GetValue(filter)!;
            var names = Zoo.Names.Where(name => Matches(pattern, name)).ToList();
            if (names.Count == 0)
            {
                throw new RefusalException($"No architecture matches {pattern}; sketchflow models list shows all {Zoo.Names.Length}.");
            }

            LibTorch.Load();
            var models = names.AsParallel().AsOrdered().Select(name => Zoo.Build(name)).Select(model => (Model: model, Tally: FlopCounter.Count(model))).ToList();
            Log($"{"architecture",-42} {"parameters, M",13} {"input, px",9} {"GMACs",8}  pretrained");
            foreach (var (model, tally) in models)
            {
                Log($"{model.Name,-42} {model.Parameters / 1e6,13:0.00} {model.InputSize,9} {tally.MultiplyAdds / 1e9,8:0.00}  {TagsInShort(model.Name)}");
            }

            CommonOptions.PrintJson(parsed, models.Select(m => new
            {
                model = m.Model.Name,
                parameters = m.Model.Parameters,
                input_size = m.Model.InputSize,
                macs = m.Tally.MultiplyAdds,
                macs_without_attention = m.Tally.WithoutAttention,
                pretrained = Pretrained.TagsFor(m.Model.Name).Select(t => t.Tag),
            }));
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command DescribeModel()
    {
        var name = new Argument<string>("name") { Description = "An architecture, by timm's name." };
        var classes = new Option<int>("--classes") { Description = "Number of classes.", DefaultValueFactory = _ => 1000 };
        var size = new Option<int?>("--size") { Description = "Side of the input in pixels; by default the architecture's." };
        var verb = new Command("info", "Look into an architecture: layers, shapes, parameters, preprocessing.") { name, classes, size, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var model = Zoo.Build(parsed.GetValue(name)!, new() { Classes = parsed.GetValue(classes), InputSize = parsed.GetValue(size) });
            LibTorch.Load();
            var tally = FlopCounter.Count(model);
            SayLayers(tally);
            SayTensors(model);
            var preprocessing = model.Preprocessing;
            Log($"{model.Name}: {model.Parameters:N0} parameters in {model.Tensors.Length} tensors, {model.Tensors.Max(t => t.LayerGroup) + 1} layer groups");
            Log($"{tally.MultiplyAdds / 1e9:0.00} GMACs an image, {(tally.MultiplyAdds - tally.WithoutAttention) / 1e9:0.00} of them in attention's own products");
            Log($"input {model.InputSize} x {model.InputSize} px, {preprocessing.Interpolation}, crop {preprocessing.CropPct} ({preprocessing.CropMode})");
            Log($"mean {string.Join(", ", preprocessing.Mean)}; std {string.Join(", ", preprocessing.Std)}");
            Log($"first convolution {model.FirstConvolution}, classifier {model.Classifier}{(model.SecondClassifier is { } second ? $" and {second}" : "")}");
            var tags = Pretrained.TagsFor(model.Name);
            Log(tags.IsEmpty ? "pretrained: timm has no weights" : $"pretrained: {string.Join(", ", tags)}; timm's default is the first");
            CommonOptions.PrintJson(parsed, new
            {
                model = model.Name,
                parameters = model.Parameters,
                macs = tally.MultiplyAdds,
                macs_without_attention = tally.WithoutAttention,
                input_size = model.InputSize,
                mean = preprocessing.Mean,
                std = preprocessing.Std,
                interpolation = preprocessing.Interpolation,
                crop_pct = preprocessing.CropPct,
                crop_mode = preprocessing.CropMode,
                pretrained = tags.Select(t => new { tag = t.Tag, repository = t.Repository, classes = t.Classes, input_size = t.InputSize }),
                layers = tally.Layers.Select(l => new { name = l.Name, kind = l.Kind.ToString(), output = l.Output, macs = l.MultiplyAdds }),
                tensors = model.Tensors.Select(t => new { name = t.Name, shape = t.Shape, role = t.Role.ToString(), layer_group = t.LayerGroup }),
            });
            return ExitCode.Done;
        });
        return verb;
    }

    /// <summary>timm's default tag, and how many more there are; a dash where there is none.</summary>
    private static string TagsInShort(string model)
    {
        var tags = Pretrained.TagsFor(model);
        return tags.IsEmpty ? "-" : $"{(tags[0].Tag.Length > 0 ? tags[0].Tag : "default")}{(tags.Length > 1 ? $" +{tags.Length - 1}" : "")}";
    }

    private static void SayLayers(FlopCounter tally)
    {
        Log($"{"layer",-56} {"kind",-14} {"output",-22} {"MMACs",10}");
        foreach (var layer in tally.Layers)
        {
            var work = layer.MultiplyAdds == 0 ? "-" : $"{layer.MultiplyAdds / 1e6:N2}";
            Log($"{layer.Name,-56} {layer.Kind,-14} {$"({string.Join(", ", layer.Output)})",-22} {work,10}");
        }

        Log("");
    }

    private static void SayTensors(Architecture model)
    {
        Log($"{"tensor",-64} {"shape",-24} {"parameters",13}  layer group");
        foreach (var tensor in model.Tensors)
        {
            var learned = tensor.Role == TensorRole.Parameter ? $"{tensor.Count:N0}" : "-";
            Log($"{tensor.Name,-64} {$"({string.Join(", ", tensor.Shape)})",-24} {learned,13}  {tensor.LayerGroup}");
        }

        Log("");
    }

    private static Command VerifyModels()
    {
        var files = new Argument<string[]>("files") { Description = "Parity fixtures of timm's names, shapes and logits: JSON with one each, or .jsonl with one a line.", Arity = ArgumentArity.OneOrMore };
        var only = new Option<string>("--only") { Description = "Only architectures of this part of a name, or of a pattern with *.", DefaultValueFactory = _ => "*" };
        var verb = new Command("verify", "Hold architectures against timm: names, shapes and logits, within 1e-4.") { files, only, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            LibTorch.Load();
            var good = true;
            var results = new List<object>();
            Log($"{"model",-36} {"parameters",13} {"error",9}  verdict");
            var fixtures = parsed.GetValue(files)!.SelectMany(ParityFixture.Read).Where(fixture => Matches(parsed.GetValue(only)!, fixture.Model)).ToList();
            if (fixtures.Count == 0)
            {
                throw new RefusalException($"No fixture matches {parsed.GetValue(only)}.");
            }

            foreach (var fixture in fixtures)
            {
                var verdict = ParityCheck.Verify(fixture);
                good &= verdict.Agrees;
                Log($"{verdict.Model,-36} {verdict.Parameters,13:N0} {verdict.Error,9:0.0e0}  {Verdict(verdict)}");
                results.Add(new { model = verdict.Model, parameters = verdict.Parameters, error = verdict.Error, agrees = verdict.Agrees, differences = verdict.Differences });
            }

            CommonOptions.PrintJson(parsed, results);
            return good ? ExitCode.Done : ExitCode.Failed;
        });
        return verb;

        static string Verdict(ParityResult result) => result switch
        {
            { Agrees: true } => "agrees",
            { Differences: [] } => $"DIFFERS: {(result.Parameters == result.ExpectedParameters ? "logits" : $"timm has {result.ExpectedParameters:N0} parameters")}",
            _ => $"DIFFERS: {string.Join("; ", result.Differences)}",
        };
    }

    /// <summary>Whether a name has a pattern: part of it, or with * for anything.</summary>
    private static bool Matches(string pattern, string name) => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(
        pattern.Contains('*', StringComparison.Ordinal) ? pattern : $"*{pattern}*", name);
}
