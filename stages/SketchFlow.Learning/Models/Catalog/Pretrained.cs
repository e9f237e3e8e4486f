using System.Collections.Immutable;
using System.Globalization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Models.Catalog;

/// <summary>
/// timm's pretrained configurations for the zoo's families: facts from timm's <c>default_cfgs</c> (github.com/huggingface/pytorch-image-models),
/// stored in <c>pretrained.tsv</c>, which <c>tests/reference/pretrained_tags.py</c> generates.
/// </summary>
public static class Pretrained
{
    private static readonly string[] Hubs = ["hf-hub:", "hf_hub:", "timm/"];

    private static readonly (ImmutableArray<PretrainedTag> Tags, ImmutableDictionary<string, string> Renamed) Table = Read();

    private static readonly ILookup<string, PretrainedTag> ByModel = Table.Tags.ToLookup(t => t.Model, StringComparer.Ordinal);

    /// <summary>All configurations with weights, model by model; timm's default for each model comes first.</summary>
    public static ImmutableArray<PretrainedTag> All => Table.Tags;

    /// <summary>Returns the configurations of one architecture, timm's default first; empty if timm has no weights for it.</summary>
    public static ImmutableArray<PretrainedTag> TagsFor(string model) => [.. ByModel[model]];

    /// <summary>
    /// Finds the configuration of a name: <c>model.tag</c>; a model, for its default tag; either with the prefix <c>timm/</c> or
    /// <c>hf-hub:timm/</c>; or a name that timm has replaced, such as <c>resnetv2_50x1_bitm</c>.
    /// </summary>
    /// <returns>The configuration, or null if there is no such model or tag.</returns>
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

    /// <summary>Finds the configuration of a model for the tag given in a recipe.</summary>
    /// <param name="model">timm's architecture name.</param>
    /// <param name="tag"><c>default</c>, a tag, or <c>model.tag</c>.</param>
    /// <exception cref="RefusalException">timm has no such weights; the message lists the available ones.</exception>
    public static PretrainedTag Resolve(string model, string tag)
    {
        var known = TagsFor(model);
        if (known.IsEmpty)
        {
            throw new RefusalException($"timm has no pretrained weights for {model}; train from scratch, or start from a file with --weights FILE.");
        }

        var found = string.Equals(tag, "default", StringComparison.Ordinal)
            ? known[0]
            : known.FirstOrDefault(t => string.Equals(t.Tag, tag, StringComparison.Ordinal)) ?? Find(tag);
        if (found is not null && !string.Equals(found.Model, model, StringComparison.Ordinal))
        {
            throw new RefusalException($"The weights {found.FullName} belong to {found.Model}, but the architecture is {model}; use one of {Tags(known)}.");
        }

        return found ?? throw new RefusalException($"timm has no weights '{tag}' for {model}; available: {Tags(known)}.");
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
            Classes = Integer(cells[4]),
            InputSize = Integer(cells[5]),
            TestInputSize = cells[6] == "-" ? null : Integer(cells[6]),
            IsFixedInput = cells[7] == "1",
            Preprocessing = new Preprocessing(
                Channels(cells[8], Preprocessing.ImageNet.Mean), Channels(cells[9], Preprocessing.ImageNet.Std), cells[10], Number(cells[11]))
            {
                CropMode = cells[13],
            },
            TestCropPct = cells[12] == "-" ? null : Number(cells[12]),
        };

        static int Integer(string cell) => int.Parse(cell, CultureInfo.InvariantCulture);
        static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
        static ImmutableArray<double> Channels(string cell, ImmutableArray<double> defaults) => cell == "-" ? defaults : [.. cell.Split(',').Select(Number)];
    }
}
