using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>The settings of a study beside each other.</summary>
public sealed record StudyTable
{
    /// <summary>Head of the column for <see cref="StudyRow.Says"/>; null leaves it out.</summary>
    public string? Says { get; init; }

    /// <summary>The setting that all others are held against, in two columns; null for none.</summary>
    public string? Base { get; init; }

    /// <summary>Validation images, for the line that says how large chance is; 0 leaves it out.</summary>
    public int ValidationImages { get; init; }

    /// <summary>In the order of the trainings.</summary>
    public ImmutableArray<StudyRow> Rows { get; init; } = [];

    /// <summary>The table with the report's columns, a line a setting; the best accuracy in bold. Of several seeds it has mean ± standard deviation.</summary>
    public string Markdown()
    {
        var seeds = Rows.Select(r => r.Seed).Distinct().Count();
        var settings = StudySummary.From(Rows);
        string[] head =
        [
            "setting", .. Says is null ? Array.Empty<string>() : [Says], "validation loss", "validation accuracy %",
            .. Base is null ? Array.Empty<string>() : ["loss - base", "accuracy - base, points"], seeds > 1 ? "time a seed" : "time",
        ];
        var held = settings.FirstOrDefault(s => s.Setting == Base && !s.Finished.IsEmpty);
        var best = settings.Max(s => s.Accuracy?.Mean) ?? 0;
        var table = MarkdownTable.Write(head, settings.Select(setting => (string[])
        [
            setting.Setting, .. Says is null ? Array.Empty<string>() : [setting.Says], .. Result(setting),
            .. Base is null ? Array.Empty<string>() : Difference(setting), Time(setting),
        ]));
        return ValidationImages > 0 && best > 0 ? $"{table}\n{Chance(settings, best, seeds)}\n" : table;

        string[] Result(StudySummary setting)
        {
            if (setting is not { Loss: { } loss, Accuracy: { } accuracy })
            {
                return [setting.Rows.FirstOrDefault(r => r.State == StudyState.Failed) is { } failed ? $"failed: {failed.Reason}" : "begun", ""];
            }

            var percent = (100 * accuracy).ToString("0.00");
            var missing = setting.Finished.Length < seeds ? $" ({setting.Finished.Length} of {seeds} seeds)" : "";
            return [loss.ToString("0.0000"), $"{(accuracy.Mean >= best ? $"**{percent}**" : percent)}{missing}"];
        }

        string[] Difference(StudySummary setting) => setting == held ? ["base", "base"]
            : held is null || setting.Minus(held) is not { } difference ? ["", ""]
            : [difference.Loss.ToString("+0.0000;-0.0000;0"), (100 * difference.Accuracy).ToString("+0.00;-0.00;0")];

        static string Time(StudySummary setting) => setting.Finished.IsEmpty
            ? "" : string.Create(CultureInfo.InvariantCulture, $"{(int)setting.Time.TotalHours:00}:{setting.Time:mm\\:ss}");
    }

    // Two standard errors of a difference: of two shares of so many images, as if independent, each with one more right and one more wrong so that
    // nothing is certain where all are right (Agresti and Caffo 2000), and of two means over the seeds.
    private string Chance(ImmutableArray<StudySummary> settings, double best, int seeds)
    {
        var share = ((best * ValidationImages) + 1) / (ValidationImages + 2);
        var images = 200 * Math.Sqrt(2 * share * (1 - share) / (ValidationImages + 2));
        if (seeds == 1)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{ValidationImages} validation images, one seed: accuracies that are less than {images:0.0} points apart may be so by chance.");
        }

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{ValidationImages} validation images, {seeds} seeds: mean ± standard deviation over the seeds. Accuracies that are less than {images:0.0} points apart may be so by chance of the images");
        // A setting that has fewer seeds yet, or failed with some, sets the bound for all.
        var several = settings.Where(s => s.Finished.Length > 1).ToList();
        return several.Count == 0 ? $"{text}."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{text}, less than {200 * Math.Sqrt(2.0 / several.Min(s => s.Finished.Length) * several.Average(s => Math.Pow(s.Accuracy!.Value.Deviation, 2))):0.0} by that of the seeds.");
    }

    /// <summary>The same with full digits; time in seconds.</summary>
    public string Csv()
    {
        return CsvFile.Text(Rows.Select(r => new Line(
            r.Setting, r.Seed, r.Says, Cell(r.ValidationLoss), Cell(r.ValidationAccuracy), r.Time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture), r.Epochs,
            r.State.ToString().ToLowerInvariant(), r.Run, r.Recipe, r.Reason)));

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
            using var reader = new CsvReader(text, CsvFile.Format);
            return
            [
                .. reader.GetRecords<Line>().ToList().Select(l => new StudyRow(l.setting, l.seed, l.says, Enum.Parse<StudyState>(l.state, ignoreCase: true), l.run, l.recipe)
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
    private sealed record Line(string setting, long seed, string says, string val_loss, string val_accuracy, string seconds, int epochs, string state, string run, string recipe, string reason);
}
