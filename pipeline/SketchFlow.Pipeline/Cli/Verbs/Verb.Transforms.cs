using System.CommandLine;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Cli.Verbs;

public static partial class Verb
{
    /// <summary><c>sketchflow transforms …</c>: the augmentations, seen and tried.</summary>
    private static Command Transforms()
    {
        var verb = new Command("transforms", "The augmentations: list them, apply one, look at a recipe's, hold them against other libraries.");
        verb.Add(ListTransforms());
        verb.Add(ApplyTransform());
        verb.Add(PreviewTransforms());
        verb.Add(VerifyTransforms());
        return verb;
    }

    private static Command ListTransforms()
    {
        var filter = new Argument<string>("filter") { Description = "Part of a name, or a pattern with *.", DefaultValueFactory = _ => "*" };
        var markdown = new Option<bool>("--markdown") { Description = "Print a table of Markdown, as docs/transforms.md has it." };
        var verb = new Command("list", "List the transforms: options, defaults, ranges.") { filter, markdown, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var pattern = parsed.GetValue(filter)!;
            pattern = pattern.Contains('*', StringComparison.Ordinal) ? pattern : $"*{pattern}*";
            var pages = TransformCatalogue.All().Where(p => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, p.Name)).ToList();
            if (pages.Count == 0)
            {
                throw new RefusalException($"No transform matches {pattern}; known are {string.Join(", ", Transform.Known.Keys)}.");
            }

            if (parsed.GetValue(markdown))
            {
                System.Console.Write(TransformCatalogue.Markdown(pages));
                return ExitCode.Done;
            }

            foreach (var page in pages)
            {
                Log($"{page.Name}: {page.Meaning}");
                foreach (var option in page.Options)
                {
                    // Names and values in columns, unless a value is a list.
                    Log($"    {option.Name,-14} {option.Default,-10} {(option.Range.Length > 0 ? $"[{option.Range}]" : ""),-14} {option.Meaning}");
                }

                Log("");
            }

            CommonOptions.PrintJson(parsed, pages);
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command ApplyTransform()
    {
        var operation = new Argument<string>("operation") { Description = "An operation or transform by name." };
        var input = new Argument<string>("in") { Description = "An image file." };
        var output = new Argument<string>("out") { Description = "Where the result goes: .png, or .jpg." };
        var parameters = new Option<string?>("--params") { Description = "Parameters as a JSON object, such as '{\"limit\": 15}'." };
        var seed = new Option<long>("--seed") { Description = "Seed of what a transform draws." };
        var verb = new Command("apply", "Run one operation on one image; a transform is applied with certainty.") { operation, input, output, parameters, seed };
        verb.SetAction(parsed =>
        {
            using var given = ReadParameters(parsed.GetValue(parameters));
            var file = parsed.GetValue(input)!;
            var decoded = ImageDecoder.Read(new DecodeOptions(), new Sample(0, file, file, null));
            if (decoded.Rejection is { } rejected)
            {
                throw new RefusalException($"{file} cannot be used: {rejected.Reason}.");
            }

            using var pixels = decoded.Value;
            using var result = FixedOperation.Apply(parsed.GetValue(operation)!, given?.RootElement ?? default, pixels, parsed.GetValue(seed));
            ImageEncoder.Write(result, parsed.GetValue(output)!);
            Log($"{parsed.GetValue(output)}: {result.Width}x{result.Height}x{result.Channels}");
            return ExitCode.Done;
        });
        return verb;
    }

    private static Command VerifyTransforms()
    {
        var cases = new Argument<string>("cases") { Description = "A list of cases (JSON), with its images beside it." };
        var verb = new Command("verify", "Hold single operations against images that other libraries made.") { cases, CommonOptions.Json };
        verb.SetAction(parsed =>
        {
            var rows = OperationParity.Run(parsed.GetValue(cases)!);
            Log(MarkdownTable.Write(["case", "operation", "mean difference", "worst", "identical", "allowed", ""], rows.Select(row => (string[])
            [
                row.Case, row.Operation, $"{row.Mean:0.0000}", $"{row.Worst}", $"{row.Identical:0.00 %}", $"{row.Allowed:0.0}",
                row.Passes ? "ok" : row.Size ? "TOO FAR" : "WRONG SIZE",
            ])).TrimEnd('\n'));
            var failed = rows.Count(r => !r.Passes);
            Log($"{rows.Length} cases, {rows.Count(r => r.Worst == 0)} identical, {failed} too far");
            CommonOptions.PrintJson(parsed, new { cases = rows.Length, identical = rows.Count(r => r.Worst == 0), failed, rows });
            return failed == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return verb;
    }

    private static JsonDocument? ReadParameters(string? json)
    {
        try
        {
            return json is null ? null : JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new UsageException($"--params {json} is not JSON ({e.Message}); write an object such as '{{\"limit\": 15}}'.", e);
        }
    }

    private static Command PreviewTransforms()
    {
        var recipe = new Option<string>("--recipe") { Description = "Recipe or augmentation preset that is shown.", DefaultValueFactory = _ => "resnet18" };
        var all = new Option<bool>("--all") { Description = "Show every transform with its defaults instead of the recipe's." };
        var samples = new Option<int>("--samples") { Description = "Samples of each transform.", DefaultValueFactory = _ => 5 };
        var side = new Option<int>("--side") { Description = "Side of each picture, px.", DefaultValueFactory = _ => 128 };
        var output = new Option<string?>("--out") { Description = "PNG or JPEG; by default artifacts/reports/transforms-<recipe>.png." };
        var verb = new Command("preview", "Write a contact sheet: an original and samples of each transform, with its name.")
        {
            recipe, CommonOptions.Data, CommonOptions.Set, all, samples, side, output, CommonOptions.Artifacts,
        };
        verb.SetAction(parsed =>
        {
            var artifacts = Artifacts.At(parsed.GetValue(CommonOptions.Artifacts));
            var name = parsed.GetValue(recipe)!;
            string[] preset = RecipeFile.Presets.Contains(name) ? [$"augmentation={name}"] : [];
            var (file, more, _, _) = ModelName.Resolve(preset.Length > 0 ? "resnet18" : name, cuda: false);
            var chosen = RecipeFile.Load(file, [.. more, .. preset, .. parsed.GetValue(CommonOptions.Set)!]);
            var data = DataSource.Open(parsed.GetValue(CommonOptions.Data), artifacts, Environment.ProcessorCount, Progress.Open);
            var preview = new TransformPreview
            {
                Augmentation = parsed.GetValue(all) ? [.. Transform.Known.Keys.Select(Transform.Default)] : chosen.Augmentation,
                Whole = !parsed.GetValue(all),
                Preparation = ImageFlow.Options(chosen, RecipeModel.Build(chosen, 10)).Preparation,
                Samples = parsed.GetValue(samples),
                Side = parsed.GetValue(side),
                Seed = chosen.Seed,
            };
            var target = parsed.GetValue(output) ?? Path.Combine(artifacts.Root, "reports", $"transforms-{(preview.Whole ? Path.GetFileNameWithoutExtension(name) : "all")}.png");
            using var sheet = preview.Draw(data.Train);
            ImageEncoder.Write(sheet, target);
            Log($"{target}: {sheet.Width}x{sheet.Height}");
            return ExitCode.Done;
        });
        return verb;
    }
}
