using System.CommandLine;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Pipeline.Cli.Verbs.Models;

/// <summary>The verb <c>models pull</c>: downloads pretrained weights into the shared cache.</summary>
[Verb(
    "models pull",
    "Download pretrained weights into the cache shared with Python tools; resumes partial downloads and verifies checksums. "
        + "Environment: HF_ENDPOINT (a mirror), HF_TOKEN, HF_HOME or HF_HUB_CACHE (cache folder), HF_HUB_OFFLINE, HTTPS_PROXY.",
    Order = 30,
    Examples = ["sketchflow models pull resnet18.a1_in1k"])]
public sealed class ModelsPullVerb : Verb
{
    private readonly Argument<string[]> _names = new("names")
    {
        Description = "timm's names: MODEL.TAG, or MODEL for its default tag ('sketchflow models info NAME' lists the tags).",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_names, CommonOptions.Json];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Pull(parsed, cancellation), () => "Interrupted. What was downloaded is kept; the same command continues.");

    private int Pull(ParseResult parsed, CancellationToken cancellation)
    {
        var results = new List<object>();
        // All names are resolved first, so that a misspelt second name does not wait for gigabytes of the first.
        var tags = parsed.GetValue(_names)!.Select(name => Pretrained.Find(name) ?? RefuseUnknown(name)).ToList();
        foreach (var tag in tags)
        {
            var file = InitialWeights.Fetch(tag, refresh: true, Log, Progress.Open, cancellation);
            Log($"{tag.FullName}: {file.Path}{(file.Downloaded == 0 ? " (cached)" : "")}");
            results.Add(new
            {
                name = tag.FullName,
                repository = file.Repository,
                file = file.File,
                path = file.Path,
                bytes = file.Bytes,
                downloaded = file.Downloaded,
            });
        }

        CommonOptions.PrintJson(parsed, results);
        return ExitCode.Done;
    }

    // An unknown architecture is refused with similar names, an unknown tag with the known ones.
    private static PretrainedTag RefuseUnknown(string name)
    {
        var model = Zoo.Build(name.Split('/')[^1].Split('.')[0]).Name;
        return Pretrained.Resolve(model, name.Contains('.', StringComparison.Ordinal) ? name.Split('/')[^1][(model.Length + 1)..] : "default");
    }
}
