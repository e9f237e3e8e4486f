using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Export;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Parity;
using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Pipeline.Cli.Verbs.Models;

/// <summary>The verb <c>models verify</c>: compares architectures with fixtures that timm wrote.</summary>
[Verb(
    "models verify",
    "Verify architectures, or their ONNX exports, against timm: names, shapes and logits, within 1e-4.",
    Order = 50,
    Examples = ["sketchflow models verify resnet18.json", "sketchflow models verify resnet18.json --engine onnx"])]
public sealed class ModelsVerifyVerb : Verb
{
    private readonly Argument<string[]> _files = new("files")
    {
        Description = "Parity fixtures with timm's names, shapes and logits: .json with one fixture each, or .jsonl with one per line.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _only = new("--only")
    {
        Description = "Only architectures that match: part of a name, or a pattern with *.",
        DefaultValueFactory = _ => "*",
    };

    private readonly Option<InferenceEngine> _engine = new("--engine")
    {
        Description = "Library that computes the logits: torch (libtorch), or onnx (ONNX Runtime, from the exported network).",
        DefaultValueFactory = _ => InferenceEngine.Torch,
    };

    private readonly Option<int> _opset = new("--opset")
    {
        HelpName = "number",
        Description = $"With --engine onnx: version of the ONNX operators, {OnnxNetworkOptions.LowestOpset} to {OnnxNetworkOptions.HighestOpset}.",
        DefaultValueFactory = _ => OnnxNetworkOptions.LowestOpset,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_files, _only, _engine, _opset, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        LibTorch.Load();
        var pattern = parsed.GetValue(_only)!;
        var fixtures = parsed.GetValue(_files)!.SelectMany(ParityFixture.Read).Where(fixture => CommonOptions.Matches(pattern, fixture.Model)).ToList();
        if (fixtures.Count == 0)
        {
            throw new RefusalException($"No fixture matches {pattern}.");
        }

        var exported = parsed.GetValue(_engine) == InferenceEngine.Onnx ? new ExportedLogits(OnnxNetworkOptions.CheckOpset(parsed.GetValue(_opset))) : null;
        var agrees = true;
        var results = new List<object>();
        foreach (var fixture in fixtures)
        {
            var result = ParityCheck.Verify(fixture, exported);
            agrees &= result.Agrees;
            Log($"{result.Model}: {result.Parameters:N0} parameters, largest difference of the logits {result.Error:0.0e0}, {Verdict(result)}"
                + (exported is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {exported.Bytes / 1e6:0.0} MB")));
            results.Add(new
            {
                model = result.Model,
                parameters = result.Parameters,
                error = result.Error,
                agrees = result.Agrees,
                differences = result.Differences,
                bytes = exported?.Bytes,
            });
        }

        CommonOptions.PrintJson(parsed, results);
        return agrees ? ExitCode.Done : ExitCode.Failed;
    }

    private static string Verdict(ParityResult result) => result switch
    {
        { Agrees: true } => "agrees",
        { Differences: [] } when result.Parameters == result.ExpectedParameters => "DIFFERS: logits",
        { Differences: [] } => $"DIFFERS: timm has {result.ExpectedParameters:N0} parameters",
        _ => $"DIFFERS: {string.Join("; ", result.Differences)}",
    };
}
