using System.Diagnostics;
using System.Globalization;
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
public sealed record StudyRow(string Setting, double ValidationLoss, double ValidationAccuracy, TimeSpan Time, int Epochs);

/// <summary>Trains one model under several augmentation presets, all else equal, and keeps the table that compares them.</summary>
/// <param name="load">The recipe under a preset.</param>
/// <param name="data">The images; every setting has the same split, by the recipe's seed.</param>
/// <param name="folder">The run's folder for a preset; it must not exist.</param>
/// <param name="device">Where tensors live.</param>
/// <param name="say">Takes a line for people.</param>
public sealed class AugmentationStudy(
    Func<string, Recipe> load, DataSet data, Func<string, RunFolder> folder, ComputeDevice device, Action<string> say)
{
    /// <summary>The presets in the order of the report's table, ours last.</summary>
    public static IReadOnlyList<string> Settings { get; } =
        ["none", "dataset-normalization", "keep-ratio", "autoaugment", "geo-noise-blur", "randaugment", "geo-morph-cdrop", "hflip-rotate-rbc", "sketch"];

    /// <summary>Trains under each setting in turn; the tables are written anew after each, so that an interruption costs one run.</summary>
    /// <param name="settings">Names of presets.</param>
    /// <param name="markdown">File of the table for people.</param>
    /// <param name="csv">File of the table for programs.</param>
    /// <param name="cancellation">Stops the training under way.</param>
    /// <exception cref="UsageException">A setting is no preset; nothing was trained.</exception>
    public IReadOnlyList<StudyRow> Run(IReadOnlyList<string> settings, string markdown, string csv, CancellationToken cancellation)
    {
        // All recipes are read first: a misspelt name costs no training.
        var recipes = settings.Select(s => (Setting: s, Recipe: load(s))).ToList();
        var rows = new List<StudyRow>();
        foreach (var (setting, recipe) in recipes)
        {
            say($"{setting} ({rows.Count + 1} of {recipes.Count})");
            var watch = Stopwatch.StartNew();
            var report = new TrainFlow(DataStatistics.Resolve(recipe, data, say, cancellation), data, folder(setting), device, say).Run(cancellation);
            var best = report.Best ?? throw new RefusalException($"{setting}: no epoch was finished; give at least one.");
            rows.Add(new StudyRow(setting, best.ValidationLoss, best.ValidationAccuracy, watch.Elapsed, report.Epochs.Length));
            WholeFile.WriteText(markdown, Markdown(rows));
            WholeFile.WriteText(csv, Csv(rows));
        }

        return rows;
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
        var text = new StringBuilder("setting,val_loss,val_accuracy,seconds,epochs\n");
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Setting},{row.ValidationLoss:R},{row.ValidationAccuracy:R},{row.Time.TotalSeconds:0.0},{row.Epochs}\n");
        }

        return text.ToString();
    }
}
