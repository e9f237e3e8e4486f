using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Models;

/// <summary>
/// timm's pretrained configurations for the zoo's families: facts from timm's <c>default_cfgs</c>
/// (github.com/huggingface/pytorch-image-models), kept in <c>pretrained.tsv</c>, which <c>tests/reference/pretrained_tags.py</c> writes.
/// </summary>
public static class Pretrained
{
    private static readonly string[] Hubs = ["hf-hub:", "hf_hub:", "timm/"];

    private static readonly (ImmutableArray<PretrainedTag> Tags, ImmutableDictionary<string, string> Renamed) Table = Read();

    private static readonly ILookup<string, PretrainedTag> ByModel = Table.Tags.ToLookup(t => t.Model, StringComparer.Ordinal);

    /// <summary>All configurations that have weights, model by model; timm's default for a model comes first.</summary>
    public static ImmutableArray<PretrainedTag> All => Table.Tags;

    /// <summary>The configurations of one architecture, timm's default first; empty where timm has no weights for it.</summary>
    public static ImmutableArray<PretrainedTag> TagsFor(string model) => [.. ByModel[model]];

    /// <summary>
    /// Finds what a name means: <c>model.tag</c>; a model, which is its default tag; either behind <c>timm/</c> or
    /// <c>hf-hub:timm/</c>; or a name that timm has given up for another, such as <c>resnetv2_50x1_bitm</c>.
    /// </summary>
    /// <returns>Null where there is no such model or tag.</returns>
    public static PretrainedTag? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var hub in Hubs)
        {
            name = name.StartsWith(hub, StringComparison.Ordinal) ? name[hub.Length..] : name;
        }

        name = Table.Renamed.GetValueOrDefault(name, name);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0
            ? ByModel[name].FirstOrDefault()
            : ByModel[name[..dot]].FirstOrDefault(t => string.Equals(t.Tag, name[(dot + 1)..], StringComparison.Ordinal));
    }

    /// <summary>As <see cref="Find"/>, for a model's name and what a recipe says of it.</summary>
    /// <param name="model">An architecture.</param>
    /// <param name="tag"><c>default</c>, a tag, or <c>model.tag</c>.</param>
    /// <exception cref="RefusalException">timm has no such weights; the sentence lists those that it has.</exception>
    public static PretrainedTag Resolve(string model, string tag)
    {
        var known = TagsFor(model);
        if (known.IsEmpty)
        {
            throw new RefusalException($"timm has no pretrained weights for {model}; start fresh, or from a file with --weights FILE.");
        }

        var found = string.Equals(tag, "default", StringComparison.Ordinal)
            ? known[0]
            : known.FirstOrDefault(t => string.Equals(t.Tag, tag, StringComparison.Ordinal)) ?? Find(tag);
        if (found is not null && !string.Equals(found.Model, model, StringComparison.Ordinal))
        {
            throw new RefusalException($"The weights {found.FullName} are of {found.Model} and the architecture is {model}; give one of {Tags(known)}.");
        }

        return found ?? throw new RefusalException($"timm has no weights '{tag}' for {model}; it has {Tags(known)}.");
    }

    private static string Tags(ImmutableArray<PretrainedTag> known) => string.Join(", ", known.Select(t => t.Tag.Length > 0 ? t.Tag : "default"));

    private static (ImmutableArray<PretrainedTag> Tags, ImmutableDictionary<string, string> Renamed) Read()
    {
        using var stream = typeof(Pretrained).Assembly.GetManifestResourceStream("pretrained.tsv")
            ?? throw new InvalidOperationException("The resource pretrained.tsv is not in the assembly.");
        using var reader = new StreamReader(stream);
        var tags = ImmutableArray.CreateBuilder<PretrainedTag>();
        var renamed = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            var cells = line.Split('\t');
            if (line.StartsWith('='))
            {
                renamed[cells[0][1..]] = cells[1];
            }
            else if (!line.StartsWith('#'))
            {
                tags.Add(Row(cells));
            }
        }

        return (tags.ToImmutable(), renamed.ToImmutable());
    }

    private static PretrainedTag Row(string[] cells)
    {
        var tag = new PretrainedTag(cells[0], cells[1] == "-" ? "" : cells[1]) { Repository = "" };
        return tag with
        {
            Repository = cells[2] == "-" ? $"timm/{tag.FullName}" : cells[2],
            File = cells[3] == "-" ? null : cells[3],
            Classes = Whole(cells[4]),
            InputSize = Whole(cells[5]),
            TestInputSize = cells[6] == "-" ? null : Whole(cells[6]),
            IsFixedInput = cells[7] == "1",
            Preprocessing = new Preprocessing(
                Channels(cells[8], Preprocessing.ImageNet.Mean), Channels(cells[9], Preprocessing.ImageNet.Std), cells[10], Number(cells[11]))
            {
                CropMode = cells[13],
            },
            TestCropPct = cells[12] == "-" ? null : Number(cells[12]),
        };

        static int Whole(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
        static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
        static ImmutableArray<double> Channels(string cell, ImmutableArray<double> usual) => cell == "-" ? usual : [.. cell.Split(',').Select(Number)];
    }
}
