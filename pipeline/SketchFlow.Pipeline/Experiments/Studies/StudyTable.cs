using System.Collections.Immutable;
using System.Globalization;
using CsvHelper;
using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Experiments.Studies;

/// <summary>Table that compares the settings of a study.</summary>
public sealed record StudyTable
{
    /// <summary>Header of the column for <see cref="StudyRow.Detail"/>; null omits the column.</summary>
    public string? DetailHeader { get; init; }

    /// <summary>Setting with which all others are compared, in two columns; null for none.</summary>
    public string? BaseSetting { get; init; }

    /// <summary>Number of validation images, for the note on random differences; 0 omits the note.</summary>
    public int ValidationImages { get; init; }

    /// <summary>Rows in the order of training.</summary>
    public ImmutableArray<StudyRow> Rows { get; init; } = [];

    /// <summary>
    /// Formats the table with the report's columns: one row per setting, the best accuracy in bold, mean ± standard deviation for several seeds.
    /// </summary>
    public string Markdown()
    {
        var (header, rows, note) = Cells();
        var table = MarkdownTable.Write(header, rows.Select(r => r.AsEnumerable()));
        return note.Length > 0 ? $"{table}\n{note}\n" : table;
    }

    /// <summary>Returns the cells of the table: the best accuracy between asterisks, and the note on random differences.</summary>
    public (ImmutableArray<string> Header, ImmutableArray<ImmutableArray<string>> Rows, string Note) Cells()
    {
        var seeds = Rows.Select(r => r.Seed).Distinct().Count();
        var settings = StudySummary.From(Rows);
        var baseSetting = settings.FirstOrDefault(s => s.Setting == BaseSetting && !s.Finished.IsEmpty);
        var best = settings.Max(s => s.Accuracy?.Mean) ?? 0;
        ImmutableArray<string> header =
        [
            "setting", .. DetailHeader is null ? Array.Empty<string>() : [DetailHeader], "validation loss", "validation accuracy %",
            .. BaseSetting is null ? Array.Empty<string>() : ["loss - base", "accuracy - base, points"], seeds > 1 ? "time per seed" : "time",
        ];
        ImmutableArray<ImmutableArray<string>> rows =
        [
            .. settings.Select(setting => (ImmutableArray<string>)
            [
                setting.Setting, .. DetailHeader is null ? Array.Empty<string>() : [setting.Detail], .. ResultCells(setting, best, seeds),
                .. BaseSetting is null ? Array.Empty<string>() : DifferenceCells(setting, baseSetting), TimeCell(setting),
            ]),
        ];
        return (header, rows, ValidationImages > 0 && best > 0 ? NoteOnRandomDifferences(settings, best, seeds) : "");
    }

    /// <summary>Formats the table as CSV with all digits; times are in seconds.</summary>
    public string Csv()
    {
        return CsvFile.Text(Rows.Select(r => new Line(
            r.Setting, r.Seed, r.Detail, Cell(r.ValidationLoss), Cell(r.ValidationAccuracy),
            r.Time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture), r.Epochs,
            r.State.ToString().ToLowerInvariant(), r.Run, r.Recipe, r.Reason)));

        static string Cell(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
    }

    /// <summary>Reads the rows that <see cref="Csv"/> wrote; none if the file does not exist or is another table.</summary>
    /// <param name="csv">The file.</param>
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
                .. reader.GetRecords<Line>().ToList().Select(l => new StudyRow(
                    l.setting, l.seed, l.says, Enum.Parse<StudyState>(l.state, ignoreCase: true), l.run, l.recipe)
                {
                    ValidationLoss = Number(l.val_loss),
                    ValidationAccuracy = Number(l.val_accuracy),
                    Time = TimeSpan.FromSeconds(Number(l.seconds) ?? 0),
                    Epochs = l.epochs,
                    Reason = l.reason,
                }),
            ];
        }
        catch (Exception e) when (e is CsvHelperException or ArgumentException or OverflowException)
        {
            return [];
        }

        static double? Number(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    private static string[] ResultCells(StudySummary setting, double best, int seeds)
    {
        if (setting is not { Loss: { } loss, Accuracy: { } accuracy })
        {
            return [setting.Rows.FirstOrDefault(r => r.State == StudyState.Failed) is { } failed ? $"failed: {failed.Reason}" : "not finished", ""];
        }

        var percent = (100 * accuracy).ToString("0.00");
        var missing = setting.Finished.Length < seeds ? $" ({setting.Finished.Length} of {seeds} seeds)" : "";
        return [loss.ToString("0.0000"), $"{(accuracy.Mean >= best ? $"**{percent}**" : percent)}{missing}"];
    }

    private static string[] DifferenceCells(StudySummary setting, StudySummary? baseSetting) => setting == baseSetting ? ["base", "base"]
        : baseSetting is null || setting.DifferenceTo(baseSetting) is not { } difference ? ["", ""]
        : [difference.Loss.ToString("+0.0000;-0.0000;0"), (100 * difference.Accuracy).ToString("+0.00;-0.00;0")];

    private static string TimeCell(StudySummary setting) => setting.Finished.IsEmpty
        ? "" : string.Create(CultureInfo.InvariantCulture, $"{(int)setting.Time.TotalHours:00}:{setting.Time:mm\\:ss}");

    // Two standard errors of a difference. Over the images: two shares as if independent, each with one success and one failure added, so that shares of
    // 0 and 1 are not certain (Agresti and Caffo 2000). Over the seeds: two means.
    private string NoteOnRandomDifferences(ImmutableArray<StudySummary> settings, double best, int seeds)
    {
        var share = ((best * ValidationImages) + 1) / (ValidationImages + 2);
        var images = 200 * Math.Sqrt(2 * share * (1 - share) / (ValidationImages + 2));
        if (seeds == 1)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{ValidationImages} validation images, one seed: accuracies less than {images:0.0} points apart may differ by chance.");
        }

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{ValidationImages} validation images, {seeds} seeds: mean ± standard deviation over the seeds. "
            + $"Accuracies less than {images:0.0} points apart may differ by chance of the images");
        // The setting with the fewest seeds determines the bound.
        var several = settings.Where(s => s.Finished.Length > 1).ToList();
        if (several.Count == 0)
        {
            return $"{text}.";
        }

        var overSeeds = 200 * Math.Sqrt(2.0 / several.Min(s => s.Finished.Length) * several.Average(s => Math.Pow(s.Accuracy!.Value.Deviation, 2)));
        return string.Create(CultureInfo.InvariantCulture, $"{text}, less than {overSeeds:0.0} by chance of the seeds.");
    }

    // One parameter per column of the CSV file, named like the column.
    private sealed record Line(
        string setting, long seed, string says, string val_loss, string val_accuracy, string seconds,
        int epochs, string state, string run, string recipe, string reason);
}
