using System.Collections.Immutable;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Datasets;

/// <summary>Reads data sets of <see cref="DataSetLayout.Folders"/>: a folder of images per class.</summary>
internal sealed class FoldersLayout
{
    private readonly string _root;
    private readonly NotUsed _notUsed = new();
    private readonly FolderScan _scan;

    private FoldersLayout(string root) => (_root, _scan) = (root, new FolderScan(root, _notUsed));

    /// <summary>Lists the files of a data set.</summary>
    public static DataSet Read(string root) => new FoldersLayout(root).Read();

    /// <summary>Returns true for a folder with an image in one of its subfolders, at any depth.</summary>
    public static bool HasClasses(string folder)
    {
        var scan = new FolderScan(folder, new NotUsed());
        return scan.Entries(folder, out _).Any(e => e is DirectoryInfo && scan.Images(e.FullName).Exists(i => i.Fault is null));
    }

    private DataSet Read()
    {
        var trains = SplitFolders.Find(_root, DataSetReader.Train);
        var (validations, tests) = (SplitFolders.Find(_root, DataSetReader.Validation), SplitFolders.Find(_root, DataSetReader.Test));
        if (trains.Count == 0 && validations.Concat(tests).FirstOrDefault() is { } lonely)
        {
            throw new RefusalException(
                $"{_root} has a folder {Path.GetFileName(lonely)}/ but no folder train/; put the classes to train on into train/<class>/.");
        }

        var train = trains.Count > 0 ? trains[0] : _root;
        var folders = ClassFolders(train, withUnlabelled: false);
        ImmutableArray<string> classes = [.. folders.Where(f => f.HasImages).Select(f => f.Class).Distinct(StringComparer.Ordinal)];
        CheckDepth(train, folders);
        var data = new DataSet
        {
            Name = DataSetReader.NameOf(_root),
            Root = _root,
            Layout = DataSetLayout.Folders,
            Classes = classes,
            Train = Samples([train], [folders], classes, withUnlabelled: false),
            Validation = Samples(validations, validations.Select(f => ClassFolders(f, withUnlabelled: false)), classes, withUnlabelled: false),
            Test = Samples(tests, tests.Select(f => ClassFolders(f, withUnlabelled: true)), classes, withUnlabelled: true),
        };
        if (trains.Count > 0)
        {
            LeaveOut(except: [train, .. validations, .. tests, .. CompetitionFiles.FindSample(_root) is { } sample ? [sample] : Array.Empty<string>()]);
        }

        return data with { NotUsed = _notUsed.ToString() };
    }

    /// <summary>Lists the folders of classes in a split, sorted ordinally by class, and their images.</summary>
    /// <param name="split">Folder of the split.</param>
    /// <param name="withUnlabelled">Whether images of the split's folder itself are used; they come first, with an empty class.</param>
    private List<ClassFolder> ClassFolders(string split, bool withUnlabelled)
    {
        var entries = _scan.Entries(split, out var fault);
        var (direct, folders) = (new List<FoundImage>(), new List<(string Name, List<FoundImage> Images)>());
        foreach (var entry in entries)
        {
            if (entry is not DirectoryInfo)
            {
                AddDirect(entry, withUnlabelled, direct);
            }
            else if (_scan.Images(entry.FullName) is { Count: > 0 } images)
            {
                folders.Add((entry.Name, images));
            }
            else
            {
                _scan.LeaveOut(FolderScan.EmptyFolder, entry.FullName);
            }
        }

        if (fault is not null)
        {
            direct.Add(new FoundImage(split, fault));
        }

        // One class may have two folders, in the composed and in the decomposed form of its name.
        var forms = folders.ToLookup(f => ComposedNames.Compose(f.Name), StringComparer.Ordinal);
        string ClassOf(string name) => ComposedNames.Compose(name) is var composed && forms[composed].Count() > 1 ? composed : name;
        return
        [
            .. direct.Count > 0 ? [new ClassFolder("", direct)] : Array.Empty<ClassFolder>(),
            .. folders.Select(f => new ClassFolder(ClassOf(f.Name), f.Images)).OrderBy(f => f.Class, StringComparer.Ordinal),
        ];
    }

    private void AddDirect(FileSystemInfo file, bool withUnlabelled, List<FoundImage> direct)
    {
        if (_scan.FindImage(file) is not { } image)
        {
            return;
        }

        if (withUnlabelled)
        {
            direct.Add(image);
        }
        else
        {
            _scan.LeaveOut(FolderScan.Unlabelled, file.FullName);
        }
    }

    private ImmutableArray<Sample> Samples(
        IReadOnlyList<string> splits, IEnumerable<List<ClassFolder>> folders, ImmutableArray<string> classes, bool withUnlabelled)
    {
        var samples = ImmutableArray.CreateBuilder<Sample>();
        var targets = classes.Index().ToDictionary(c => c.Item, c => c.Index, ComposedNames.Comparer);
        foreach (var (split, classFolders) in splits.Zip(folders))
        {
            // Paths of a second folder of a split begin with its name, so that no two are equal.
            var start = split == splits[0] ? split : _root;
            foreach (var folder in classFolders)
            {
                int? target = targets.TryGetValue(folder.Class, out var known) ? known : null;
                if (target is null && !withUnlabelled && folder.HasImages)
                {
                    var names = $"{classes.Length}: {string.Join(", ", classes.Take(5))}{(classes.Length > 5 ? ", …" : "")}";
                    throw new RefusalException(
                        $"{split} has a class \"{folder.Class}\" that is missing from train/ (train/ has {names}); "
                        + "give both folders the same name, or remove it.");
                }

                foreach (var (file, fault) in folder.Images)
                {
                    var path = Path.GetRelativePath(start, file).Replace('\\', '/');
                    samples.Add(new Sample(samples.Count, path, file, fault is null ? target : null) { Fault = fault });
                }
            }
        }

        return samples.ToImmutable();
    }

    /// <summary>Refuses a single folder around all classes, which would be one class.</summary>
    private void CheckDepth(string train, List<ClassFolder> folders)
    {
        if (folders.Count(f => f.HasImages) != 1 || folders.Find(f => f.HasImages) is not { } only || !Directory.Exists(Path.Combine(train, only.Class)))
        {
            return;
        }

        var folder = Path.Combine(train, only.Class);
        string[] inner = [.. only.Images.Select(i => Path.GetRelativePath(folder, i.File).Split(Path.DirectorySeparatorChar)).Where(p => p.Length > 1)
            .Select(p => p[0]).Distinct(StringComparer.Ordinal)];
        if (inner.Length > 1 && only.Images.TrueForAll(i => Path.GetDirectoryName(i.File) != folder))
        {
            var names = string.Join(", ", inner.Take(5)) + (inner.Length > 5 ? ", …" : "");
            throw new RefusalException(
                $"{train} has one folder with images, {only.Class}/, and that has the folders {names}: "
                + $"if those are the classes, give {folder} as the data set{(train == _root ? "" : " or move them up")}; one class cannot be learned.");
        }
    }

    private void LeaveOut(HashSet<string> except)
    {
        foreach (var entry in _scan.Entries(_root, out _).Where(e => !except.Contains(e.FullName)))
        {
            _scan.LeaveOut(FolderScan.OtherEntry, entry.FullName);
        }
    }

    private sealed record ClassFolder(string Class, List<FoundImage> Images)
    {
        public bool HasImages => Images.Exists(i => i.Fault is null);
    }
}
