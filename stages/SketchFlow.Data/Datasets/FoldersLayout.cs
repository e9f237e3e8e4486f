using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

public static partial class DataSetReader
{
    private static readonly string[] _imageExtensions = [".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif"];

    /// <summary>True for a name that ends as one of the image formats that are read here; hidden files are none, since macOS leaves <c>._name.jpg</c> beside images.</summary>
    /// <param name="name">A file's name, without folders.</param>
    public static bool IsImageFile(string name) => IsVisible(name) && _imageExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static DataSet OpenFolders(string root)
    {
        var split = Directory.Exists(Path.Combine(root, Train));
        var train = split ? Path.Combine(root, Train) : root;
        ImmutableArray<string> classes = [.. ClassFolders(train)];
        if (!split && classes.FirstOrDefault(c => c is Validation or Test) is { } lonely)
        {
            throw new RefusalException($"{root} has a folder {lonely}/ but no folder train/; put the classes to learn from into train/<class>/.");
        }

        return new DataSet
        {
            Name = NameOf(root),
            Root = root,
            Layout = DataSetLayout.Folders,
            Classes = classes,
            Train = Rows(train, classes, flat: false),
            Validation = split ? Rows(Path.Combine(root, Validation), classes, flat: false) : [],
            Test = split ? Rows(Path.Combine(root, Test), classes, flat: true) : [],
        };
    }

    /// <summary>Names of the folders that hold images, sorted ordinally: the order of the targets.</summary>
    private static List<string> ClassFolders(string folder) =>
        [.. Directory.EnumerateDirectories(folder).Where(f => Images(f).Any()).Select(f => Path.GetFileName(f)!).Where(IsVisible).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Images(string folder) =>
        Directory.EnumerateFiles(folder).Where(f => IsImageFile(Path.GetFileName(f)));

    /// <summary>Tools leave <c>.thumbnails/</c> and the like.</summary>
    private static bool IsVisible(string name) => !name.StartsWith('.');

    private static ImmutableArray<Sample> Rows(string folder, ImmutableArray<string> classes, bool flat)
    {
        if (!Directory.Exists(folder))
        {
            return [];
        }

        var rows = ImmutableArray.CreateBuilder<Sample>();
        void Add(string where, int? target)
        {
            foreach (var file in Images(where).Order(StringComparer.Ordinal))
            {
                rows.Add(new Sample(rows.Count, Path.GetRelativePath(folder, file).Replace('\\', '/'), file, target));
            }
        }

        if (flat)
        {
            Add(folder, target: null);
        }

        foreach (var name in ClassFolders(folder))
        {
            var target = classes.IndexOf(name);
            if (target < 0)
            {
                throw new RefusalException(
                    $"{folder} has a class \"{name}\" that train/ has not (train/ has {classes.Length}: {string.Join(", ", classes.Take(5))}{(classes.Length > 5 ? ", …" : "")}); " +
                    "name the folders alike, or remove it.");
            }

            Add(Path.Combine(folder, name), target);
        }

        return rows.ToImmutable();
    }
}
