using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Plans of timm's weights and of files of weights.</summary>
internal static class WeightsPlans
{
    /// <summary>Creates the plan of pretrained weights, with timm's preprocessing and the names of ImageNet's classes.</summary>
    /// <param name="model">The pretrained model.</param>
    /// <param name="file">The file in the cache.</param>
    /// <param name="augmentation">Test-time augmentation.</param>
    public static ClassifierPlan Create(TrainedTag model, string file, TestTimeAugmentation augmentation)
    {
        var tag = model.Tag;
        var (classes, note) = NamesFor(tag.Classes, model.Name);
        return ClassifierPlan.Of(model.Title, new MemberPlan(model.Name, [OfTag(tag, file, classes)], augmentation), note is null ? [] : [note]);
    }

    /// <summary>Refuses pretrained weights without a classifier before they are downloaded.</summary>
    /// <exception cref="RefusalException">They have none.</exception>
    public static void RequireClassifier(PretrainedTag tag)
    {
        if (tag.Classes == 0)
        {
            throw new RefusalException(
                $"{tag.FullName} has no classifier, so that it cannot name classes; fine-tune it first: "
                + $"sketchflow train --model {tag.FullName} --data FOLDER.");
        }
    }

    /// <summary>
    /// Creates the plan of a file: preparation and class names are those of its metadata, of the run in whose folder it is, or of a given model.
    /// </summary>
    /// <param name="weights">The file.</param>
    /// <param name="model">Architecture or pretrained model of a file that does not name its own; null for none.</param>
    /// <param name="augmentation">Test-time augmentation.</param>
    /// <exception cref="RefusalException">The file cannot be read, names no architecture, or has no classifier.</exception>
    public static ClassifierPlan Create(TrainedFile weights, string? model, TestTimeAugmentation augmentation)
    {
        var file = weights.File;
        IReadOnlyDictionary<string, string> metadata;
        using (var opened = WeightsFile.Open(file))
        {
            metadata = opened.Metadata;
        }

        var identity = RunIdentity.From(metadata, file);
        var run = Path.GetDirectoryName(Path.GetFullPath(file)) is { } at && new RunFolder(at) is var folder && File.Exists(folder.Recipe)
            ? folder.Read()
            : null;
        var tag = model is null ? null : Pretrained.Find(model);
        var architecture = tag?.Model ?? model ?? metadata.GetValueOrDefault("architecture") ?? run?.Architecture ?? throw new RefusalException(
            $"{file} does not say which architecture it is of; name it with --model, such as --model resnet18 or --model resnet18.a1_in1k.");
        var count = WeightsClasses.Count(file, architecture);
        var named = identity.Classes.Length == count;
        var (classes, note) = named ? ([.. identity.Classes.Select(c => new ClassName(c))], null) : NamesFor(count, file);
        if (!named && note is null)
        {
            note = $"{file} has no class names; its {count} classes are taken for those of ImageNet.";
        }

        var plan = tag is not null ? OfTag(tag, file, classes)
            : run is not null && run.Architecture == architecture ? new NetworkPlan(weights.Name, file, run, classes)
            : OfMetadata(file, architecture, identity, classes);
        return ClassifierPlan.Of(
            weights.Title, new MemberPlan(weights.Name, [plan with { Temperature = identity.Temperature }], augmentation), note is null ? [] : [note]);
    }

    private static (ImmutableArray<ClassName> Classes, string? Note) NamesFor(int count, string title) => WeightsClasses.OfImageNet(count) is { } known
        ? (known, null)
        : (WeightsClasses.Unnamed(count), $"No names are known for the {count} classes of {title}; their numbers are printed.");

    private static NetworkPlan OfTag(PretrainedTag tag, string file, ImmutableArray<ClassName> classes) =>
        new(tag.FullName, file, TimmRecipe(tag.Model, tag.Preprocessing) with { ImageSize = tag.InputSize }, classes) { Preprocessing = tag.Preprocessing };

    private static NetworkPlan OfMetadata(string file, string architecture, RunIdentity identity, ImmutableArray<ClassName> classes)
    {
        // timm's default weights of the architecture tell how its images are prepared, where the file does not.
        var own = Pretrained.TagsFor(architecture) is [var first, ..] ? first.Preprocessing : Zoo.Build(architecture).Preprocessing;
        var recipe = TimmRecipe(architecture, own);
        var (prepared, preprocessing) = identity.Preprocessing is { } line && StoredPreparation.Read(line, recipe, own) is { } stored ? stored : (recipe, own);
        return new NetworkPlan(Path.GetFileName(file), file, prepared, classes) { Preprocessing = preprocessing };
    }

    // timm's evaluation transform.
    private static Recipe TimmRecipe(string architecture, Preprocessing preprocessing) => new()
    {
        Architecture = architecture,
        Preparation = new PreparationRecipe
        {
            Fit = preprocessing.CropMode == "border" ? ResizeMode.Letterbox : ResizeMode.CentreCrop,
            Interpolation = Enum.Parse<Interpolation>(preprocessing.Interpolation, ignoreCase: true),
            CropPercent = preprocessing.CropPct,
        },
    };
}
