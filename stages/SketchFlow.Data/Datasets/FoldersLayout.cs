using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Reads data sets of <see cref="DataSetLayout.Folders"/>: a folder of images per class.</summary>
internal static class FoldersLayout
{
    /// <summary>Lists the files of a data set.</summary>
    public static DataSet Read(string root)
    {
        var hasSplits = Directory.Exists(Path.Combine(root, DataSetReader.Train));
        var train = hasSplits ? Path.Combine(root, DataSetReader.Train) : root;
        ImmutableArray<string> classes = [.. ClassFolders(train)];
        if (!hasSplits && classes.FirstOrDefault(c => c is DataSetReader.Validation or DataSetReader.Test) is { } lonely)
        {
            throw new RefusalException($"{root} has a folder {lonely}/ but no folder train/; put the classes to train on into train/<class>/.");
        }

        return new DataSet
        {
            Name = DataSetReader.NameOf(root),
            Root = root,
            Layout = DataSetLayout.Folders,
            Classes = classes,
            Train = Samples(train, classes, withUnlabelled: false),
            Validation = hasSplits ? Samples(Path.Combine(root, DataSetReader.Validation), classes, withUnlabelled: false) : [],
            Test = hasSplits ? Samples(Path.Combine(root, DataSetReader.Test), classes, withUnlabelled: true) : [],
        };
    }

    /// <summary>Names of the folders that hold images, sorted ordinally: the order of the targets.</summary>
    public static List<string> ClassFolders(string folder) =>
    [
        .. Directory.EnumerateDirectories(folder).Where(f => Images(f).Any()).Select(f => Path.GetFileName(f)!)
            .Where(name => !DataSetReader.IsHidden(name)).Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> Images(string folder) =>
        Directory.EnumerateFiles(folder).Where(f => DataSetReader.IsImageFile(Path.GetFileName(f)));

    private static ImmutableArray<Sample> Samples(string folder, ImmutableArray<string> classes, bool withUnlabelled)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var samples = ImmutableArray.CreateBuilder<Sample>();
        void Add(string images, int? target)
        {
            foreach (var file in Images(images).Order(StringComparer.Ordinal))
            {
                samples.Add(new Sample(samples.Count, Path.GetRelativePath(folder, file).Replace('\\', '/'), file, target));
            }
        }

        if (withUnlabelled)
        {
            Add(folder, target: null);
        }

        foreach (var name in ClassFolders(folder))
        {
            var target = classes.IndexOf(name);
            if (target < 0)
            {
                var known = $"{classes.Length}: {string.Join(", ", classes.Take(5))}{(classes.Length > 5 ? ", …" : "")}";
                throw new RefusalException(
                    $"{folder} has a class \"{name}\" that is missing from train/ (train/ has {known}); give both folders the same name, or remove it.");
            }

            Add(Path.Combine(folder, name), target);
        }

        return samples.ToImmutable();
    }
}
