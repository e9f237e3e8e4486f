using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Explanation;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Reports.Pages;
using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Pipeline.Explaining;

/// <summary>files ─> decode ─> pad-resize ─> maps ─> overlays on the originals. Computes only; <see cref="ExplainFiles"/> writes.</summary>
internal sealed class ExplainJob : IDisposable
{
    // Larger originals are reduced to it: a map has a few hundred cells.
    private const int LongestSide = 1024;
    private const int PictureSide = 256;

    private readonly FlatModel _model;
    private readonly Explainer _explainer;
    private readonly ImageFlowOptions _flow;
    private readonly double _temperature;

    /// <summary>Loads the best weights of a run.</summary>
    /// <param name="run">The run, or one fold.</param>
    /// <param name="recipe">The recipe of the run.</param>
    /// <param name="context">The device.</param>
    /// <exception cref="RefusalException">The weights have no class names.</exception>
    public ExplainJob(RunFolder run, Recipe recipe, JobContext context)
    {
        var identity = RunIdentity.Read(run);
        Classes = !identity.Classes.IsEmpty ? identity.Classes : throw new RefusalException(
            $"{run.Best} has no class names, expected weights of a run of this program; train the run again.");
        var architecture = RecipeModel.Build(recipe, Classes.Length);
        _model = FlatModel.Load(architecture, run.Best, recipe.Seed, context.Device, recipe.ChannelsLast, learns: false).Model;
        _explainer = new Explainer(_model);
        _flow = ImageFlow.Options(recipe, architecture);
        _temperature = identity.Temperature ?? 1;
    }

    /// <summary>Class names in the order of the logits.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>The methods that are computed for options.</summary>
    public ImmutableArray<SaliencyMethod> MethodsOf(ExplainOptions options) => options.Methods.IsEmpty
        ? [.. new[] { SaliencyMethod.GradCam, SaliencyMethod.FinerCam, SaliencyMethod.AttentionGradient }.Where(_explainer.Supports)]
        : [.. options.Methods.Distinct()];

    /// <summary>Returns the number of a class, or null for null.</summary>
    /// <param name="name">Name of the class.</param>
    /// <param name="option">The option that names it.</param>
    /// <exception cref="UsageException">There is no such class.</exception>
    public int? ClassNumber(string? name, string option) => name is null ? null
        : Classes.IndexOf(name) is >= 0 and var number ? number
        : throw new UsageException($"{option} is {PrintableText.Line(name)}{Spelling.DidYouMean(name, Classes)}, expected a class of the run.");

    /// <summary>Explains one image.</summary>
    /// <param name="sample">The image; its target is a number of <see cref="Classes"/>.</param>
    /// <param name="options">The methods and the classes.</param>
    /// <returns>The maps, or the reason why the image cannot be used.</returns>
    /// <exception cref="RefusalException">The network does not support a method.</exception>
    public Outcome<ExplainedImage> Explain(Sample sample, ExplainOptions options)
    {
        var decoded = ImageDecoder.Read(_flow.Decode, sample);
        if (!decoded.IsValue)
        {
            return decoded.Rejection!;
        }

        using var original = decoded.Value;
        using var square = PadResize.Run(_flow.Preparation, original);
        using var reduced = Reduce(original);
        var logits = _explainer.Logits(square);
        var probabilities = new double[logits.Length];
        Softmax.Probabilities(logits, probabilities, _temperature);
        var predicted = Softmax.ArgMax<float>(logits);
        var target = CreateTarget(sample, predicted, options);
        var box = SaliencyOverlay.FindBox(reduced);
        return new ExplainedImage
        {
            Sample = sample,
            Given = sample.Target is { } given ? Classes[given] : null,
            GivenProbability = sample.Target is { } own ? probabilities[own] : null,
            Predicted = Classes[predicted],
            Probability = probabilities[predicted],
            Box = (double)(box.Right - box.Left) * (box.Bottom - box.Top) / ((double)reduced.Width * reduced.Height),
            Picture = Thumbnail.ToDataUri(reduced, PictureSide),
            Maps = [.. MethodsOf(options).Select(method => Map(square, reduced, target, method, box))],
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _model.Dispose();

    private SaliencyTarget CreateTarget(Sample sample, int predicted, ExplainOptions options)
    {
        var explained = ClassNumber(options.Class, "--class") ?? predicted;
        var against = ClassNumber(options.Against, "--against") ?? (sample.Target is { } own && own != explained ? own : null);
        return against == explained
            ? throw new UsageException($"--against is {Classes[explained]}, the class that is explained; name another class.")
            : new SaliencyTarget(explained) { Against = against is { } other ? [other] : [] };
    }

    private ExplainedMap Map(Pixels square, Pixels original, SaliencyTarget target, SaliencyMethod method, (int Left, int Top, int Right, int Bottom) box)
    {
        var map = _explainer.Explain(square, target, method);
        var relevance = SaliencyOverlay.OnOriginal(map, _flow.Preparation, original.Width, original.Height);
        using var drawn = SaliencyOverlay.Draw(original, relevance);
        return new ExplainedMap
        {
            Method = method,
            Class = Classes[target.Class],
            Against = method == SaliencyMethod.FinerCam && target.Against is [var other] ? Classes[other] : null,
            Faithfulness = _explainer.Measure(square, target, map),
            Road = _explainer.MeasureRoad(square, target, map),
            Inside = SaliencyOverlay.ShareInside(relevance, original.Width, box),
            Png = ImageEncoder.ToPng(drawn),
            Picture = Thumbnail.ToDataUri(drawn, PictureSide),
        };
    }

    private static Pixels Reduce(Pixels original)
    {
        var scale = Math.Min(1, (double)LongestSide / Math.Max(original.Width, original.Height));
        var (width, height) = (Math.Max(1, (int)Math.Round(original.Width * scale)), Math.Max(1, (int)Math.Round(original.Height * scale)));
        return PadResize.Stretch(original, width, height);
    }
}
