using System.Collections.Immutable;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>The images that an export in 8 bits needs.</summary>
/// <param name="Calibration">Images whose values inside the network give the ranges.</param>
/// <param name="Validation">Labelled images that no network learned from; empty if there is none.</param>
/// <param name="Notes">Why there is no validation image, and differences of the data set from the time of training, in whole sentences.</param>
internal sealed record QuantizationRows(ImmutableArray<Sample> Calibration, ImmutableArray<Sample> Validation, ImmutableArray<string> Notes)
{
    /// <summary>Finds the images of a plan.</summary>
    /// <param name="plan">The networks.</param>
    /// <param name="options">Settings.</param>
    /// <param name="artifacts">The folder of all output, for the doodles.</param>
    /// <param name="progress">Opens progress displays.</param>
    /// <exception cref="RefusalException">There are no images for the calibration.</exception>
    public static QuantizationRows Find(ClassifierPlan plan, QuantizationOptions options, Artifacts artifacts, ProgressBarFactory progress)
    {
        RunFolder?[] runs = [.. plan.Members.SelectMany(m => m.Parts).Select(p => p.Run)];
        var given = options.Data is null ? null : DataSource.Open(options.Data, artifacts, Environment.ProcessorCount, progress);
        if (runs is not [{ } first, ..])
        {
            return given is not null
                ? Create(given.Train, [], $"The accuracy was not measured: the validation images of {plan.Title} are unknown.")
                : throw new RefusalException(
                    $"--int8 measures the values inside the network on images, and {plan.Title} names no data set; name one with --data DIR.");
        }

        DataSet own;
        try
        {
            var recipe = first.Read().Data;
            own = DataSource.Open(recipe.Path, artifacts, Environment.ProcessorCount, progress, recipe.ToOptions())
                .WithClassOrder([.. plan.Classes.Select(c => c.Name)], plan.Title);
        }
        catch (RefusalException e)
        {
            return given is not null
                ? Create(given.Train, [], $"The accuracy was not measured: {e.Message}")
                : throw new RefusalException($"--int8 needs the training images of {first.Name}, or other ones with --data DIR: {e.Message}", e);
        }

        var calibration = given?.Train ?? (RunSplit.Read(first)?.Locate(own) is { IsFound: true } split ? split.Train : own.Train);
        HeldOutRows[] held = [.. runs.Select(run => HeldOutRows.Find(run!, own))];
        var rows = held.Select(h => h.Samples.AsEnumerable()).Aggregate((a, b) => a.IntersectBy(b.Select(Key), Key));
        ImmutableArray<Sample> validation = [.. rows.Where(s => s.Fault is null && s.Target is not null)];
        string[] notes = [.. held.SelectMany(h => h.Notes).Distinct(StringComparer.Ordinal)];
        return validation.IsEmpty
            ? Create(calibration, [], [.. notes, $"The accuracy was not measured: no labelled image was held out of every network of {plan.Title}."])
            : Create(calibration, validation, notes);

        QuantizationRows Create(ImmutableArray<Sample> all, ImmutableArray<Sample> validation, params IEnumerable<string> notes) =>
            new(Spread(all, options.Images), validation, [.. notes]);
    }

    private static (string File, FileSection? Section) Key(Sample sample) => (sample.File, sample.Section);

    // Rows are mostly sorted by class, so that images at equal distances are of all classes.
    private static ImmutableArray<Sample> Spread(ImmutableArray<Sample> all, int count)
    {
        Sample[] usable = [.. all.Where(s => s.Fault is null)];
        return usable.Length > 0
            ? [.. Enumerable.Range(0, Math.Min(count, usable.Length)).Select(i => usable[(int)((long)i * usable.Length / Math.Min(count, usable.Length))])]
            : throw new RefusalException("--int8 needs images to measure the values inside the network, and the data set has no usable training image.");
    }
}
