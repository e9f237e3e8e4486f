using System.CommandLine;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Pipeline.Cli.Verbs.Transforms;

/// <summary>The verb <c>transforms apply</c>: applies one operation to one image.</summary>
[Verb(
    "transforms apply",
    "Apply one operation or transform to one image; a transform is always applied, regardless of its probability.",
    Order = 20,
    Examples = ["sketchflow transforms apply rotate in.png out.png --seed 1"])]
public sealed class TransformsApplyVerb : Verb
{
    private readonly Argument<string> _operation = new("operation") { Description = "Name of an operation or transform." };

    private readonly Argument<string> _input = new("in") { Description = "Image file." };

    private readonly Argument<string> _output = new("out") { Description = "Output file: .png or .jpg." };

    private readonly Option<string?> _parameters = new("--params")
    {
        HelpName = "json",
        Description = "Parameters as a JSON object, such as '{\"limit\": 15}'.",
    };

    private readonly Option<long> _seed = new("--seed") { Description = "Random seed of the transform." };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters => [_operation, _input, _output, _parameters, _seed];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        using var parameters = parsed.GetValue(_parameters) is { } json ? FixedOperation.ReadParameters(json) : null;
        var file = parsed.GetValue(_input)!;
        var decoded = ImageDecoder.Read(new DecodeOptions(), new Sample(0, file, file, null));
        if (decoded.Rejection is { } rejected)
        {
            throw new RefusalException($"{file} cannot be used: {rejected.Reason}.");
        }

        using var pixels = decoded.Value;
        using var result = FixedOperation.Apply(parsed.GetValue(_operation)!, parameters?.RootElement ?? default, pixels, parsed.GetValue(_seed));
        ImageEncoder.Write(result, parsed.GetValue(_output)!);
        Log($"{parsed.GetValue(_output)}: {result.Width}x{result.Height}x{result.Channels}");
        return ExitCode.Done;
    }
}
