using System.CommandLine;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Parity;

namespace SketchFlow.Pipeline.Cli.Verbs.Models;

/// <summary>The verb <c>models verify</c>: compares architectures with fixtures that timm wrote.</summary>
[Verb(
    "models verify",
    "Verify architectures against timm: names, shapes and logits, within 1e-4.",
    Order = 50,
    Examples = ["sketchflow models verify resnet18.json"])]
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

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_files, _only, CommonOptions.Json];

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

        var agrees = true;
        var results = new List<object>();
        foreach (var fixture in fixtures)
        {
            var result = ParityCheck.Verify(fixture);
            agrees &= result.Agrees;
            Log($"{result.Model}: {result.Parameters:N0} parameters, largest difference of the logits {result.Error:0.0e0}, {Verdict(result)}");
            results.Add(new
            {
                model = result.Model,
                parameters = result.Parameters,
                error = result.Error,
                agrees = result.Agrees,
                differences = result.Differences,
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
