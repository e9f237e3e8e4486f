using System.Collections.Immutable;
using Mono.Cecil;
using Mono.Cecil.Cil;
using SketchFlow.Reports.Plots;
using SketchFlow.Scoring.Metrics;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Scoring;
using SkiaSharp;

namespace SketchFlow.Tests.Reports.Plots;

/// <summary>Tests that every plot has its letters, also the first one of a process, whose fonts nobody has set up yet.</summary>
public class LettersTests
{
    private const int Classes = 7;
    private const int TitleHeight = 28;

    private static readonly ImmutableArray<string> Names = ["cat", "dog", "a tree with a long name", "house", "fish", "bird", "key"];

    public static TheoryData<string> Kinds() =>
    [
        .. typeof(RecallPlot).Assembly.GetExportedTypes()
            .Where(t => t.GetMethod("Draw") is not null && t.Namespace == typeof(RecallPlot).Namespace).Select(t => t.Name),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_first_plot_of_a_process_has_a_title_and_titles_at_both_axes(string kind)
    {
        using var folder = new TemporaryFolder();
        using var picture = SKBitmap.Decode(Draw(new FreshReports(), kind, folder["picture.png"]));
        Assert.InRange(Ink(picture, 0, 0, picture.Width, TitleHeight), 150, int.MaxValue);
        Assert.InRange(Ink(picture, 0, 40, 70, picture.Height - 60), 50, int.MaxValue);
        Assert.InRange(Ink(picture, 0, picture.Height - 70, picture.Width, 70), 100, int.MaxValue);
    }

    [Fact]
    public void A_plot_without_titles_has_no_ink_where_the_titles_are()
    {
        using var with = SKBitmap.Decode(PlotStyle.NewPlot("A title", "", "").GetImageBytes(600, 300));
        using var without = SKBitmap.Decode(PlotStyle.NewPlot("", "", "").GetImageBytes(600, 300));
        Assert.InRange(Ink(with, 0, 0, 600, TitleHeight), 150, int.MaxValue);
        Assert.Equal(0, Ink(without, 60, 0, 540, TitleHeight));
    }

    [Fact]
    public void The_gain_of_shares_is_drawn_in_percent()
    {
        (string, Interval)[] shares = [("a", new Interval(0.5, 0.4, 0.6))];
        (string, Interval)[] numbers = [("a", new Interval(50, 40, 60))];
        using var percent = SKBitmap.Decode(EnsembleGainPlot.Draw("Gain", "accuracy", shares));
        using var plain = SKBitmap.Decode(EnsembleGainPlot.Draw("Gain", "accuracy, %,", numbers, isShare: false));
        using var fractions = SKBitmap.Decode(EnsembleGainPlot.Draw("Gain", "accuracy, %,", shares, isShare: false));

        Assert.Equal(Axis(plain), Axis(percent));
        Assert.NotEqual(Axis(fractions), Axis(percent));

        static SKColor[] Axis(SKBitmap picture) => picture.Pixels[^(60 * picture.Width)..];
    }

    [Fact]
    public void All_plots_are_created_where_the_fonts_are_registered()
    {
        using var reports = AssemblyDefinition.ReadAssembly(typeof(RecallPlot).Assembly.Location);
        var creators = reports.MainModule.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody)
            .Where(m => m.Body.Instructions.Any(i => i.OpCode == OpCodes.Newobj
                && ((MethodReference)i.Operand).DeclaringType.FullName is "ScottPlot.Plot" or "ScottPlot.Multiplot"))
            .Select(m => m.DeclaringType.Name).Distinct();
        Assert.Equal(["PlotStyle"], creators);
    }

    private static byte[] Draw(FreshReports reports, string kind, string path)
    {
        var report = ClassificationMetrics.Evaluate(TableFixtures.Table(300, Classes, 1));
        double[] values = [1, 2, 3];
        (string, ClassificationReport)[] models = [("a", report), ("b", report)];
        (string, Interval)[] steps = [("a", new Interval(0.5, 0.4, 0.6)), ("b", new Interval(0.6, 0.5, 0.7))];
        return kind switch
        {
            nameof(RecallPlot) or nameof(ConfusionMatrixPlot) => reports.Draw(kind, "model", report, Names),
            nameof(ReliabilityDiagram) => reports.Draw(kind, "model", report),
            nameof(RecallByModelPlot) => reports.Draw(kind, "Recall by model", models, Names),
            nameof(EnsembleGainPlot) => reports.Draw(kind, "Gain", "accuracy", steps),
            nameof(SchedulePlot) => reports.Draw(kind, path, "resnet18", values, 1L),
            nameof(LearningRateFinderPlot) => reports.Draw(kind, path, "resnet18", values, values, 2.0),
            nameof(LearningCurves) => reports.Draw(kind, path, "run", Curves(reports)),
            nameof(MatrixPlot) => reports.Draw(kind, new double[2, 2], Options(reports)),
            _ => throw new NotSupportedException($"This test does not know how to draw {kind}."),
        };
    }

    private static Array Curves(FreshReports reports)
    {
        var points = Array.CreateInstance(reports.Plots("CurvePoint"), 2);
        points.SetValue(Activator.CreateInstance(reports.Plots("CurvePoint"), 1, 3.0, 3.5, 0.1, 0.2), 0);
        points.SetValue(Activator.CreateInstance(reports.Plots("CurvePoint"), 2, 2.0, 2.5, 0.3, 0.2), 1);
        return points;
    }

    private static object Options(FreshReports reports)
    {
        var options = Activator.CreateInstance(reports.Plots("MatrixPlotOptions"), "Agreement", Names[..2], Names[..2])!;
        foreach (var label in new[] { "ColumnLabel", "RowLabel", "ValueLabel" })
        {
            options.GetType().GetProperty(label)!.SetValue(options, "model");
        }

        return options;
    }

    // Dark pixels: titles are in dark grey, frames and grids in light grey.
    private static int Ink(SKBitmap picture, int left, int top, int width, int height)
    {
        var dark = 0;
        for (var y = top; y < Math.Min(picture.Height, top + height); y++)
        {
            for (var x = left; x < left + width; x++)
            {
                var pixel = picture.GetPixel(x, y);
                dark += pixel.Red < 110 && pixel.Green < 110 && pixel.Blue < 110 ? 1 : 0;
            }
        }

        return dark;
    }
}
