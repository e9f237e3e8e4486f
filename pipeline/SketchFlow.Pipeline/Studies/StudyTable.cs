using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;

namespace SketchFlow.Pipeline.Studies;

/// <summary>Where a setting of a study stands.</summary>
public enum StudyState
{
    /// <summary>Its training was begun, and goes on when the study does.</summary>
    Begun,

    /// <summary>It was trained to the end.</summary>
    Finished,

    /// <summary>It could not be trained.</summary>
    Failed,
}

/// <summary>One row of the table: a setting and what training with it came to.</summary>
/// <param name="Setting">Name of the setting.</param>
/// <param name="Says">What the name leaves open.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Run">Name of the run, for its curves and weights.</param>
/// <param name="Recipe">Fingerprint of the recipe that was trained.</param>
public sealed record StudyRow(string Setting, string Says, StudyState State, string Run = "", string Recipe = "")
{
    /// <summary>Cross entropy without smoothing of the best epoch, whatever was trained with: nats; null until it is known.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Of the best epoch, in [0, 1]; null until it is known.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Of all epochs, validation included.</summary>
    public TimeSpan Time { get; init; }

    /// <summary>Epochs trained.</summary>
    public int Epochs { get; init; }

    /// <summary>Why it failed, or ended before its last epoch; empty otherwise.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>The settings of a study beside each other.</summary>
public sealed record StudyTable
{
    private static readonly CsvConfiguration Format = new(CultureInfo.InvariantCulture) { NewLine = "\n" };

    /// <summary>Head of the column for <see cref="StudyRow.Says"/>; null leaves it out.</summary>
    public string? Says { get; init; }

    /// <summary>The setting that all others are held against, in two columns; null for none.</summary>
    public string? Base { get; init; }

    /// <summary>Validation images, for the line that says how large chance is; 0 leaves it out.</summary>
    public int ValidationImages { get; init; }

    /// <summary>In the order of the settings.</summary>
    public ImmutableArray<StudyRow> Rows { get; init; } = [];

    /// <summary>The table with the report's columns; the best accuracy in bold.</summary>
    public string Markdown()
    {
        string[] head = ["setting", .. Says is null ? Array.Empty<string>() : [Says], "validation loss", "validation accuracy %", .. Base is null ? Array.Empty<string>() : ["loss - base", "accuracy - base, points"], "time"];
        var text = new StringBuilder($"| {string.Join(" | ", head)} |\n|{string.Concat(head.Select(_ => " --- |"))}\n");
        var held = Rows.FirstOrDefault(r => r.Setting == Base && r.State == StudyState.Finished);
        var best = Rows.Max(r => r.ValidationAccuracy) ?? 0;
        foreach (var row in Rows)
        {
            string[] cells = [row.Setting, .. Says is null ? Array.Empty<string>() : [row.Says], .. Result(row), .. Base is null ? Array.Empty<string>() : Difference(row), Time(row)];
            text.AppendJoin(' ', cells.Select(c => $"| {c.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal)}")).Append(" |\n");
        }

        if (ValidationImages > 0 && best > 0)
        {
            // Two standard errors of the difference of two independent shares.
            var chance = 200 * Math.Sqrt(2 * best * (1 - best) / ValidationImages);
            text.Append(CultureInfo.InvariantCulture, $"\n{ValidationImages} validation images, one seed: accuracies that are less than {chance:0.0} points apart may be so by chance.\n");
        }

        return text.ToString();

        string[] Result(StudyRow row)
        {
            if (row is not { ValidationLoss: { } loss, ValidationAccuracy: { } accuracy })
            {
                return [row.State == StudyState.Begun ? "begun" : $"failed: {row.Reason}", ""];
            }

            var percent = string.Create(CultureInfo.InvariantCulture, $"{100 * accuracy:0.00}");
            return [string.Create(CultureInfo.InvariantCulture, $"{loss:0.0000}"), accuracy >= best ? $"**{percent}**" : percent];
        }

        string[] Difference(StudyRow row) => row == held ? ["base", "base"]
            : row.ValidationLoss is null || held is null ? ["", ""]
            : [string.Create(CultureInfo.InvariantCulture, $"{row.ValidationLoss - held.ValidationLoss:+0.0000;-0.0000;0}"), string.Create(CultureInfo.InvariantCulture, $"{100 * (row.ValidationAccuracy - held.ValidationAccuracy):+0.00;-0.00;0}")];

        static string Time(StudyRow row) => row.State == StudyState.Finished
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)row.Time.TotalHours:00}:{row.Time:mm\\:ss}") : "";
    }

    /// <summary>The same with full digits; time in seconds.</summary>
    public string Csv()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        using (var csv = new CsvWriter(text, Format))
        {
            csv.WriteRecords(Rows.Select(r => new Line(
                r.Setting, r.Says, Cell(r.ValidationLoss), Cell(r.ValidationAccuracy), r.Time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture), r.Epochs,
                r.State.ToString().ToLowerInvariant(), r.Run, r.Recipe, r.Reason)));
        }

        return text.ToString();

        static string Cell(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>The rows of a table that <see cref="Csv"/> wrote; none where there is no such file or it is another table.</summary>
    public static ImmutableArray<StudyRow> Read(string csv)
    {
        if (!File.Exists(csv))
        {
            return [];
        }

        try
        {
            using var text = new StreamReader(csv);
            using var reader = new CsvReader(text, Format);
            return
            [
                .. reader.GetRecords<Line>().ToList().Select(l => new StudyRow(l.setting, l.says, Enum.Parse<StudyState>(l.state, ignoreCase: true), l.run, l.recipe)
                {
                    ValidationLoss = Number(l.val_loss),
                    ValidationAccuracy = Number(l.val_accuracy),
                    Time = TimeSpan.FromSeconds(Number(l.seconds) ?? 0),
                    Epochs = l.epochs,
                    Reason = l.reason,
                }),
            ];
        }
        catch (Exception e) when (e is CsvHelperException or ArgumentException)
        {
            return [];
        }

        static double? Number(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    // The names of the columns.
    private sealed record Line(string setting, string says, string val_loss, string val_accuracy, string seconds, int epochs, string state, string run, string recipe, string reason);
}
