using System.CommandLine;
using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Explanation;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Evaluation;
using SketchFlow.Pipeline.Explaining;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Reporting;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Logits;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Cli.Verbs.Explain;

/// <summary>The verb <c>explain</c>: shows which parts of images a trained network's scores depend on.</summary>
[Verb(
    "explain",
    "Show which parts of images the scores of a run depend on: class activation maps, attention and occlusion as pictures and a page, with their faithfulness.",
    Order = 36,
    Examples =
    [
        "sketchflow explain --run resnet18-my-data-1 --worst 20",
        "sketchflow explain drawing.png --class cat --against dog",
        "sketchflow explain --ids 12 45 --method gradcam occlusion",
    ])]
public sealed class ExplainVerb : Verb
{
    private const int DefaultWorst = 12;

    private readonly Argument<string[]> _images = new("images")
    {
        Description = "Image files; without them, images of the data set by --ids or --worst.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _run = new("--run", "--model", "--name")
    {
        HelpName = "name",
        Description = "The run; of a run of 'train --folds', its first fold. Default: the newest.",
    };

    private readonly Option<SaliencyMethod[]> _method = new("--method")
    {
        HelpName = "method",
        Description = "gradcam, gradcamplusplus, hirescam, layercam, finercam (a class against another), attentionrollout, attentiongradient (transformers) "
            + "or occlusion; several are allowed. Default: gradcam, finercam and, with attention, attentiongradient.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _class = new("--class") { HelpName = "name", Description = "Class whose score is explained; default: the predicted one." };

    private readonly Option<string?> _against = new("--against")
    {
        HelpName = "name",
        Description = "Class that finercam compares with; default: the image's own class if another one is explained, else the three nearest.",
    };

    private readonly Option<long[]> _ids = new("--ids")
    {
        HelpName = "id",
        Description = "Ids of images of the split.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<int?> _worst = new("--worst")
    {
        HelpName = "number",
        Description = "The validation images with the lowest probability of their own class, from the logits of 'sketchflow predict'; "
            + $"default: {DefaultWorst}.",
    };

    private readonly Option<string> _split = new("--split")
    {
        Description = "Split of --ids: val (the images that the run was not trained on) or test.",
        DefaultValueFactory = _ => RunLogits.Validation,
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _images, _run, _method, _class, _against, _ids, _worst, _split, CommonOptions.DataOfRun, CommonOptions.Device, CommonOptions.Artifacts,
        CommonOptions.Json,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed) => RunInterruptible(
        cancellation => Explain(parsed, cancellation),
        () => "Interrupted. The pictures written so far are complete; the same command writes all of them again.");

    private int Explain(ParseResult parsed, CancellationToken cancellation)
    {
        Check(parsed);
        var artifacts = CommonOptions.ArtifactsOf(parsed);
        var run = FindRun(artifacts, parsed.GetValue(_run)).Trained[0];
        var recipe = run.Read(CommonOptions.RunOverrides(parsed));
        using var job = new ExplainJob(run, recipe, CommonOptions.Context(parsed, DeviceChoice.Resolve(recipe.Device)));
        var options = new ExplainOptions
        {
            Methods = [.. parsed.GetValue(_method)!],
            Class = parsed.GetValue(_class),
            Against = parsed.GetValue(_against),
        };
        job.ClassNumber(options.Class, _class.Name);
        job.ClassNumber(options.Against, _against.Name);
        List<Sample> samples = parsed.GetValue(_images) is { Length: > 0 } paths
            ? [.. paths.Select((path, i) => new Sample(i, path, CommonOptions.Existing(path, "explain")!, null))]
            : Choose(parsed, artifacts, run, () => CommonOptions.OpenData(recipe.Data, artifacts).WithClassOrder(job.Classes, $"the run {run.Name}"));
        var folder = ReportFiles.Explained(artifacts, run);
        var (explained, rejected) = ExplainAll(job, samples, options, folder, cancellation);
        if (explained.Count > 0)
        {
            ExplainFiles.WriteReport(folder, $"What {run.Name} looks at", explained);
        }

        Print(parsed, run, explained, rejected, folder);
        return rejected.Count > 0 ? ExitCode.Rejections : ExitCode.Done;
    }

    private void Check(ParseResult parsed)
    {
        var (paths, ids, worst) = (parsed.GetValue(_images)!.Length > 0, parsed.GetValue(_ids)!.Length > 0, parsed.GetValue(_worst) is not null);
        if ((paths ? 1 : 0) + (ids ? 1 : 0) + (worst ? 1 : 0) > 1)
        {
            throw new UsageException("Image files, --ids and --worst choose the images in three ways, and two of them are given; leave one out.");
        }

        if (parsed.GetValue(_worst) is < 1)
        {
            throw new UsageException($"--worst is {parsed.GetValue(_worst)}, expected a whole number above 0.");
        }

        if (parsed.GetValue(_split) is not (RunLogits.Validation or RunLogits.Test))
        {
            throw new UsageException($"--split is {PrintableText.Line(parsed.GetValue(_split)!)}, expected {RunLogits.Validation} or {RunLogits.Test}.");
        }

        if (parsed.GetValue(_split) == RunLogits.Test && !ids)
        {
            throw new UsageException("--split test has no labels to find the worst images by; name images with --ids.");
        }
    }

    private RunFolder FindRun(Artifacts artifacts, string? name)
    {
        var known = new TrainedModelNames(artifacts, _run.Name);
        return name is null ? known.TrainedRuns()[0] : known.FindRun(name, "explain one run of it.");
    }

    private List<Sample> Choose(ParseResult parsed, Artifacts artifacts, RunFolder run, Func<DataSet> open)
    {
        var data = open();
        var rows = parsed.GetValue(_split) == RunLogits.Test ? data.Test : HeldOutRows.Find(run, data).Samples;
        if (parsed.GetValue(_ids) is { Length: > 0 } ids)
        {
            var known = rows.ToDictionary(sample => sample.Id);
            return [.. ids.Select(id => known.GetValueOrDefault(id) ?? throw new RefusalException(
                $"--ids: {data.Name} has no {parsed.GetValue(_split)} image with the id {id}; the column id of the logits has the ids."))];
        }

        var evaluated = EvaluateJob.LoadRun(artifacts, data.Name, RunLogits.Validation, run.Run);
        var paths = EvaluateJob.Evaluate(evaluated).WorstRows.Select(row => evaluated.Set.ImagePaths[row]);
        var held = rows.DistinctBy(sample => sample.ImagePath).ToDictionary(sample => sample.ImagePath, StringComparer.Ordinal);
        List<Sample> worst = [.. paths.Where(held.ContainsKey).Select(path => held[path]).Take(parsed.GetValue(_worst) ?? DefaultWorst)];
        return worst.Count > 0 ? worst : throw new RefusalException(
            $"No image of the logits of {run.Run} is an image that {run.Name} was not trained on; run sketchflow predict --run {run.Run}.");
    }

    private static (List<ExplainedImage> Explained, List<Rejected> Rejected) ExplainAll(
        ExplainJob job, List<Sample> samples, ExplainOptions options, string folder, CancellationToken cancellation)
    {
        var (explained, rejected) = (new List<ExplainedImage>(), new List<Rejected>());
        ExplainFiles.DeleteMaps(folder);
        using var bar = Progress.Open("explaining", samples.Count, "images");
        foreach (var sample in samples)
        {
            cancellation.ThrowIfCancellationRequested();
            var outcome = job.Explain(sample, options);
            if (outcome.IsValue)
            {
                ExplainFiles.WriteMaps(folder, outcome.Value, explained.Count);
                explained.Add(outcome.Value);
            }
            else
            {
                rejected.Add(outcome.Rejection!);
            }

            bar.Report(explained.Count + rejected.Count);
        }

        return (explained, rejected);
    }

    private static void Print(ParseResult parsed, RunFolder run, List<ExplainedImage> explained, List<Rejected> rejected, string folder)
    {
        rejected.ForEach(one => Warn($"rejected {one}"));
        var means = MethodMeans.Compute(explained);
        if (!means.IsEmpty)
        {
            var table = new TerminalTable().Text("method").Number("maps").Number("deletion").Number("insertion").Number("faithfulness").Number("ROAD")
                .Number("in box", rank: 1).Number("box", rank: 1);
            foreach (var mean in means)
            {
                table.Row(
                    mean.Method, $"{mean.Maps}", Text(mean.Deletion), Text(mean.Insertion), Text(mean.Faithfulness), Text(mean.Road), Percent.Text(mean.Inside),
                    Percent.Text(mean.Box));
            }

            table.Print();
            Log($"report: {Path.Combine(folder, ExplainFiles.PageName)}");
        }

        CommonOptions.PrintJson(parsed, new
        {
            run = run.Name,
            images = explained.Count,
            rejected = rejected.Count,
            methods = means.Select(mean => new
            {
                method = mean.Method,
                maps = mean.Maps,
                deletion = mean.Deletion,
                insertion = mean.Insertion,
                faithfulness = mean.Faithfulness,
                road = mean.Road,
                inside_box = mean.Inside,
                box_area = mean.Box,
            }),
            folder,
            report = explained.Count > 0 ? Path.Combine(folder, ExplainFiles.PageName) : null,
        });
    }

    private static string Text(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
