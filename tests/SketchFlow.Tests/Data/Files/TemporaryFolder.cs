namespace SketchFlow.Tests.Data.Files;

/// <summary>A temporary folder of one test, deleted afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-").FullName;

    /// <summary>Paths of all files and folders in it, sorted.</summary>
    public string[] Entries => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>Path of a file in the folder.</summary>
    public string this[string name] => Path.Combine(Root, name);

    public TemporaryFolder With(string path, string text = "")
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    /// <summary>Copies a folder with all that is below it.</summary>
    public TemporaryFolder WithCopy(string folder, string path = "")
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Root, path, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return this;
    }

    public TemporaryFolder WithFolder(string path)
    {
        Directory.CreateDirectory(Path.Combine(Root, path));
        return this;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
