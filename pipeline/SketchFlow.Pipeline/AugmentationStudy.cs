using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SketchFlow.Learning;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Samples;

namespace SketchFlow.Pipeline;

/// <summary>One row of the table: a setting and what training with it came to.</summary>
/// <param name="Setting">Name of the augmentation preset.</param>
/// <param name="ValidationLoss">Of the best epoch, nats.</param>
/// <param name="ValidationAccuracy">Of the best epoch, in [0, 1].</param>
/// <param name="Time">Of the whole training, validation included.</param>
/// <param name="Epochs">Epochs trained.</param>
/// <param name="Run">Name of the run, for its curves and weights.</param>
/// <param name="Recipe">Fingerprint of the recipe that was trained.</param>
public sealed record StudyRow(string Setting, double ValidationLoss, double ValidationAccuracy, TimeSpan Time, int Epochs, string Run = "", string Recipe = "");

/// <summary>Trains one model under several augmentation presets, all else equal, and keeps the table that compares them.</summary>
/// <remarks>Resumable: a setting whose row stands in the table already, trained by the same recipe, is not trained again.</remarks>
/// <param name="load">The recipe under a preset.</param>
/// <param name="data">The images; every setting has the same split, by the recipe's seed.</param>
/// <param name="folder">The run's folder for a preset; it must not exist.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="say">Takes a line for people.</param>
public sealed class AugmentationStudy(
    Func<string, Recipe> load, DataSet data, Func<string, RunFolder> folder, ComputeDevice device, Action<string> say)
{
    private const string Header = "setting,val_loss,val_accuracy,seconds,epochs,run,recipe";

    /// <summary>The presets in the order of the report's table, ours last.</summary>
    public static IReadOnlyList<string> Settings { get; } =
        ["none", "dataset-normalization", "keep-ratio", "autoaugment", "geo-noise-blur", "randaugment", "geo-morph-cdrop", "hflip-rotate-rbc", "sketch"];

    /// <summary>Trains under each setting in turn; the tables are written anew after each, so that an interruption costs one training at most.</summary>
    /// <param name="settings">Names of presets.</param>
    /// <param name="markdown">File of the table for people.</param>
    /// <param name="csv">File of the table for programs; rows of an earlier, interrupted study are taken from it.</param>
    /// <param name="cancellation">Stops the training under way.</param>
    /// <exception cref="UsageException">A setting is no preset; nothing was trained.</exception>
    public IReadOnlyList<StudyRow> Run(IReadOnlyList<string> settings, string markdown, string csv, CancellationToken cancellation)
    {
        // All recipes are read first: a misspelt name costs no training.
        var recipes = settings.Distinct(StringComparer.Ordinal).Select(s => (Setting: s, Recipe: load(s))).ToList();
        var before = Read(csv);
        var rows = new List<StudyRow>();
        foreach (var (setting, recipe) in recipes)
        {
            var print = Fingerprint(recipe);
            if (before.FirstOrDefault(r => r.Setting == setting && r.Recipe == print) is { } known)
            {
                say($"{setting} ({rows.Count + 1} of {recipes.Count}) was trained before, as {known.Run}");
                rows.Add(known);
            }
            else
            {
                say($"{setting} ({rows.Count + 1} of {recipes.Count})");
                rows.Add(Train(setting, recipe, print, cancellation));
            }

            // What was trained before and is still to come stays in the tables, in case of the next interruption.
            List<StudyRow> all = [.. rows, .. before.Where(b => recipes.Exists(r => r.Setting == b.Setting && Fingerprint(r.Recipe) == b.Recipe) && !rows.Exists(r => r.Setting == b.Setting))];
            WholeFile.WriteText(markdown, Markdown(all));
            WholeFile.WriteText(csv, Csv(all));
        }

        return rows;
    }

    private StudyRow Train(string setting, Recipe recipe, string print, CancellationToken cancellation)
    {
        var watch = Stopwatch.StartNew();
        var run = folder(setting);
        var report = new TrainFlow(DataStatistics.Resolve(recipe, data, say, cancellation), data, run, device, say).Run(cancellation);
        var best = report.Best ?? throw new RefusalException($"{setting}: no epoch was finished; give at least one.");
        return new StudyRow(setting, best.ValidationLoss, best.ValidationAccuracy, watch.Elapsed, report.Epochs.Length, run.Name, print);
    }

    // The whole recipe: another number of epochs, seed, image size or data set is another training.
    private static string Fingerprint(Recipe recipe) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(RecipeFile.Write(recipe))))[..16];

    /// <summary>The rows of a table that <see cref="Csv"/> wrote; none where there is no such file or it is another table.</summary>
    public static IReadOnlyList<StudyRow> Read(string csv)
    {
        if (!File.Exists(csv) || File.ReadAllLines(csv) is not [Header, .. var lines])
        {
            return [];
        }

        var rows = new List<StudyRow>();
        foreach (var cells in lines.Select(l => l.Split(',')))
        {
            if (cells.Length == 7 && Number(cells[1]) is { } loss && Number(cells[2]) is { } accuracy && Number(cells[3]) is { } seconds && Number(cells[4]) is { } epochs)
            {
                rows.Add(new StudyRow(cells[0], loss, accuracy, TimeSpan.FromSeconds(seconds), (int)epochs, cells[5], cells[6]));
            }
        }

        return rows;

        static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>The table with the report's columns; the best accuracy in bold.</summary>
    public static string Markdown(IReadOnlyCollection<StudyRow> rows)
    {
        var text = new StringBuilder("| setting | validation loss | validation accuracy % | time |\n| --- | --- | --- | --- |\n");
        var best = rows.Count == 0 ? 0 : rows.Max(r => r.ValidationAccuracy);
        foreach (var row in rows)
        {
            var accuracy = string.Create(CultureInfo.InvariantCulture, $"{100 * row.ValidationAccuracy:0.00}");
            text.Append(CultureInfo.InvariantCulture, $"| {row.Setting} | {row.ValidationLoss:0.0000} | {(row.ValidationAccuracy >= best ? $"**{accuracy}**" : accuracy)} | {row.Time:hh\\:mm\\:ss} |\n");
        }

        return text.ToString();
    }

    /// <summary>The same with full digits; time in seconds.</summary>
    public static string Csv(IEnumerable<StudyRow> rows)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Setting},{row.ValidationLoss:R},{row.ValidationAccuracy:R},{row.Time.TotalSeconds:0.0},{row.Epochs},{row.Run},{row.Recipe}\n");
        }

        return text.ToString();
    }
}
