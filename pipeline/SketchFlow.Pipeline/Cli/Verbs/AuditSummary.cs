using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Auditing;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Scoring.Audit;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The tables that the verb <c>audit</c> prints.</summary>
internal static class AuditSummary
{
    private const int Shown = 5;

    // A longer name would leave no place for the others in 80 columns.
    private const int NameLength = 20;

    /// <summary>Prints the counts of findings, the most likely label errors and the classes that merge.</summary>
    /// <param name="report">The audit.</param>
    public static void Print(AuditReport report)
    {
        Console.WriteLine(Heading(report));
        Counts(report).Print();
        if (report.Result.Count(AuditFindings.LabelError) > 0)
        {
            Console.WriteLine();
            Console.WriteLine("most likely label errors, with the probability of each class:");
            Worst(report).Print();
        }

        foreach (var pair in report.Result.Merging.Take(Shown))
        {
            Console.WriteLine(
                $"merging: {pair.FirstAsSecond} images of {Name(report, pair.First)} look like {Name(report, pair.Second)}, {pair.SecondAsFirst} of "
                + $"{Name(report, pair.Second)} like {Name(report, pair.First)} (at least {Percent.Text(pair.Share)} of each)");
        }

        if (report.Result.Merging.Length > Shown)
        {
            Console.WriteLine($"{report.Result.Merging.Length - Shown} more pairs of classes that merge are in merging.csv.");
        }
    }

    /// <summary>Describes what was audited.</summary>
    public static string Heading(AuditReport report)
    {
        var leftOut = (report.Unlabelled, report.Rejected) is (0, 0) ? ""
            : $"; left out: {report.Unlabelled} without a label, {report.Rejected} rejected";
        var temperature = report.Temperatures is [var only] ? string.Create(CultureInfo.InvariantCulture, $", temperature {only:0.00}") : "";
        var members = report.Set.Members.Length > 1 ? $" ({report.Set.Members.Length} models)" : "";
        return $"{report.Name}{members} on {report.DataSet}/{report.Split}: {report.Set.Rows} images of {report.Set.Classes} classes{temperature}{leftOut}";
    }

    private static TerminalTable Counts(AuditReport report)
    {
        var table = new TerminalTable().Text("finding").Number("images").Number("share").Text("meaning");
        foreach (var (_, key, _, meaning, images) in report.Findings)
        {
            table.Row(key, images is { } count ? $"{count}" : "-", images is { } part ? Percent.Text((double)part / report.Set.Rows) : "-", meaning);
        }

        return table;
    }

    private static TerminalTable Worst(AuditReport report)
    {
        var table = new TerminalTable().Text("image").Text("given").Number("p").Text("looks like").Number("p");
        foreach (var image in report.Result.Images.Take(Shown).Where(i => i.Has(AuditFindings.LabelError)))
        {
            table.Row(
                PrintableText.Line(report.Set.ImagePaths[image.Row]), Name(report, image.Given), Percent.Text(image.GivenProbability),
                Name(report, image.Suggested), Percent.Text(image.SuggestedProbability));
        }

        return table;
    }

    private static string Name(AuditReport report, int number) => PrintableText.Line(report.ClassName(number), NameLength);
}
