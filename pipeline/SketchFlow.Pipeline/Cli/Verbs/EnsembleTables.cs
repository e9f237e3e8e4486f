using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Scoring.Metrics;

namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>The tables that the verb <c>ensemble</c> prints.</summary>
internal static class EnsembleTables
{
    /// <summary>Prints the members, the gain from each of them, and the comparison with other combinations.</summary>
    /// <param name="report">The ensemble.</param>
    /// <param name="way">Introduces its description, such as <c>Best combination</c>.</param>
    public static void Print(EnsembleReport report, string way)
    {
        Console.WriteLine(Heading(report, way));
        Members(report).Print();
        Console.WriteLine(
            "weight: the share in the ensemble (-: not used); temperature: divides the logits, so that probabilities are calibrated; "
            + "calibrated log-loss: after this division, as for the ensemble");
        if (report.Members.Any(m => EnsembleSearch.IsLimit(m.Temperature)))
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"(limit): temperatures of an ensemble stay within {EnsembleSearch.LowestTemperature} and {EnsembleSearch.HighestTemperature}; "
                + $"predict and classify allow {Temperature.Lowest} to {Temperature.Highest}"));
        }

        Console.WriteLine();
        if (report.Ladder.Length > 1)
        {
            Ladder(report).Print();
            Console.WriteLine();
        }

        PrintComparison(report);
    }

    /// <summary>Describes the data, the way of combining and the number of runs that it uses.</summary>
    public static string Heading(EnsembleReport report, string way)
    {
        var (runs, used) = (report.Members.Length, report.Members.Count(m => m.Weight > 0));
        var share = runs == 1 ? "" : used == runs ? $" (all {runs} runs have a weight above 0)"
            : $" ({used} of {runs} runs {(used == 1 ? "has" : "have")} a weight above 0)";
        return $"{report.DataSet}: {Runs(runs)}, {report.Rows} validation rows. {way} by {EnsembleSearch.NameOf(report.Objective)}: {report.Method}{share}";
    }

    /// <summary>Lays out the runs, the mean of all and the ensemble.</summary>
    public static TerminalTable Members(EnsembleReport report)
    {
        var table = new TerminalTable().Text("run").Number("val accuracy").Number("val log-loss", rank: 2).Number("calibrated log-loss", rank: 1)
            .Number("weight").Number("temperature", rank: 4).Text("model", rank: 3);
        foreach (var member in report.Members)
        {
            table.Row(
                member.Title, Percent.Text(member.Accuracy), $"{member.LogLoss:0.0000}", $"{member.CalibratedLogLoss:0.0000}",
                member.Weight > 0 ? $"{member.Weight:0.##}" : "-",
                $"{member.Temperature:0.00}{(EnsembleSearch.IsLimit(member.Temperature) ? " (limit)" : "")}", member.Model);
        }

        table.Row(
            $"mean of all {report.Members.Length} probabilities", Percent.Text(report.All.Accuracy), "-", $"{report.All.LogLoss:0.0000}", "", "", "");
        return table.Row(
            Bold($"ensemble of {Runs(report.Members.Count(m => m.Weight > 0))}"), Bold(Percent.Text(report.Evaluation.Accuracy)), "-",
            Bold($"{report.Evaluation.LogLoss:0.0000}"), "", "", "");
    }

    /// <summary>Lays out the combinations that were compared.</summary>
    public static TerminalTable Combinations(EnsembleReport report)
    {
        var objective = report.Objective;
        var name = EnsembleSearch.NameOf(objective);
        var rows = report.Candidates.Any(c => c.HeldOut is not null) ? "held-out" : "searched";
        var table = new TerminalTable().Text("combination").Number($"{name}, held-out").Number("its 95 % interval", rank: 2)
            .Number($"{name}, searched", rank: 1).Number($"log-loss, {rows}", rank: 3).Text("made by", rank: 4);
        foreach (var other in report.Candidates)
        {
            table.Row(
                other.IsChosen ? Bold($"{other.Name} ← saved") : other.Name, other.HeldOut is { } h ? ScoreText.Of(objective, h.Score) : "-",
                other.HeldOut is { } interval ? ScoreText.Range(objective, interval) : "-", ScoreText.Of(objective, other.FittedScore),
                $"{other.LogLoss:0.0000}", other.Options.Command);
        }

        return table;
    }

    /// <summary>Lays out the predictions of the members and of the ensemble, which has no weight of its own, for one image.</summary>
    public static TerminalTable Votes(Explanation explanation)
    {
        var table = new TerminalTable().Text("model").Number("weight").Text("most probable classes");
        foreach (var (vote, i) in explanation.Votes.Select((v, i) => (v, i)))
        {
            var classes = string.Join(", ", vote.Classes.Select(c => $"{c.Class} {Percent.Text(c.Probability)}"));
            table.Row(vote.Run, i < explanation.Votes.Length - 1 ? $"{vote.Weight:0.##}" : "-", classes);
        }

        return table;
    }

    private static TerminalTable Ladder(EnsembleReport report)
    {
        var objective = report.Objective;
        var table = new TerminalTable().Text("gain from each added model").Number(EnsembleSearch.NameOf(objective)).Number("gain")
            .Number("95 % interval", rank: 1);
        foreach (var (step, i) in report.Ladder.Select((r, i) => (r, i)))
        {
            table.Row(
                $"{(i == 0 ? "" : "+ ")}{step.Added}", ScoreText.Of(objective, step.Score.Score),
                i == 0 ? "" : ScoreText.Difference(objective, step.Gain), ScoreText.Range(objective, step.Score));
        }

        return table;
    }

    private static void PrintComparison(EnsembleReport report)
    {
        var name = EnsembleSearch.NameOf(report.Objective);
        if (report.HeldOut is { } heldOut)
        {
            Console.WriteLine(
                $"Cross-validated estimate: {name} {ScoreText.Of(report.Objective, heldOut)}, from 5 folds with calibration and search repeated in each. "
                + "The figures above are for the rows that were searched, and may be optimistic.");
            Console.WriteLine();
        }

        if (report.Candidates.Length > 0)
        {
            Console.WriteLine($"All combinations by {name} (held-out: on rows that were left out when it was fitted; searched: on the rows it was fitted on):");
            Combinations(report).Print();
            Console.WriteLine();
        }

        if (report.Skipped.Length > 0)
        {
            Console.WriteLine(SkippedCandidate.Describe(report.Skipped));
        }

        if (report.Warning is { } warning)
        {
            Console.WriteLine(warning);
        }
    }

    private static string Runs(int count) => count == 1 ? "1 run" : $"{count} runs";

    private static TableCell Bold(string text) => new(text, CellStyle.Bold);
}
