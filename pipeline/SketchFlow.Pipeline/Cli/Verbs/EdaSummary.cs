using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Imaging.Duplicates;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Exploring;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The tables that the verb <c>eda</c> prints.</summary>
internal static class EdaSummary
{
    private const int Shown = 5;

    // A longer path would leave no place for the other one in 80 columns.
    private const int PathLength = 28;

    /// <summary>Prints the number of images, the range of each measure, the copies, and some copies across splits or classes.</summary>
    public static void Print(DataExploration found)
    {
        Console.WriteLine($"{found.Data}");
        Measures(found).Print();
        Console.WriteLine();
        Copies(found).Print();
        var serious = found.Twins.Where(t => t.IsAcrossSplits || t.IsAcrossClasses).Take(Shown).ToList();
        if (serious.Count > 0)
        {
            Console.WriteLine();
            Console.WriteLine("copies across splits or classes:");
            Serious(found, serious).Print();
        }
    }

    private static TerminalTable Measures(DataExploration found)
    {
        var table = new TerminalTable().Text("value").Number("least").Number("median").Number("most").Number("unusual");
        foreach (var measure in ImageMeasure.All)
        {
            double[] sorted = [.. found.Images.Select(measure.Value).Order()];
            table.Row(
                measure.Name, Digits(sorted[0]), Digits(ImageMeasure.Quantile(sorted, 0.5)), Digits(sorted[^1]),
                $"{found.Outliers.Count(o => o.Any(x => x.Measure == measure.Name))}");
        }

        return table;

        static string Digits(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
    }

    private static TerminalTable Copies(DataExploration found)
    {
        var table = new TerminalTable().Text("copies").Number("pairs").Number("across splits").Number("across classes");
        foreach (var kind in Enum.GetValues<TwinKind>())
        {
            var pairs = found.Twins.Where(t => t.Kind == kind).ToList();
            table.Row(ImageTwin.NameOf(kind), $"{pairs.Count}", $"{pairs.Count(t => t.IsAcrossSplits)}", $"{pairs.Count(t => t.IsAcrossClasses)}");
        }

        return table;
    }

    private static TerminalTable Serious(DataExploration found, IEnumerable<ImageTwin> twins)
    {
        var table = new TerminalTable().Text("kind").Text("first").Text("second");
        foreach (var twin in twins)
        {
            table.Row(twin.KindName, Name(twin.First), Name(twin.Second));
        }

        return table;

        string Name(ExploredImage image) => PrintableText.Line($"{image.Sample.ImagePath} {found.ClassName(image)}".TrimEnd(), PathLength);
    }
}
