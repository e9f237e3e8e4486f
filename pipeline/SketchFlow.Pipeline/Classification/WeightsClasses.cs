using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights;

namespace SketchFlow.Pipeline.Classification;

/// <summary>The classes of weights that do not name them.</summary>
internal static class WeightsClasses
{
    /// <summary>Returns class numbers as names.</summary>
    public static ImmutableArray<ClassName> Unnamed(int count) =>
        [.. Enumerable.Range(0, count).Select(c => new ClassName(c.ToString(CultureInfo.InvariantCulture)))];

    /// <summary>Returns the classes of ImageNet where the number of classes is that of one of its lists; null for another number.</summary>
    public static ImmutableArray<ClassName>? OfImageNet(int count) => ImageNetClasses.For(count) is { IsEmpty: false } known
        ? [.. known.Select(c => new ClassName(c.Words, c.Synset))]
        : null;

    /// <summary>Counts the classes of a file's classifier.</summary>
    /// <param name="file">The file of weights.</param>
    /// <param name="architecture">Name of the architecture.</param>
    /// <exception cref="RefusalException">The file has no classifier, or is damaged.</exception>
    public static int Count(string file, string architecture)
    {
        var name = $"{Zoo.Build(architecture).Classifier}.weight";
        using var opened = WeightsFile.Open(file);
        // The shortest name is that of the model itself, where the file has an average of it too.
        var classifier = opened.Tensors.Where(t => t.Name == name || t.Name.EndsWith($".{name}", StringComparison.Ordinal)).MinBy(t => t.Name.Length);
        return classifier is { Shape: [> 0 and < int.MaxValue and var classes, ..] }
            ? (int)classes
            : throw new RefusalException(
                $"{file} has no classifier ({name}), so that it cannot name classes; fine-tune it first: "
                + $"sketchflow train --model {architecture} --weights {file}.");
    }
}
