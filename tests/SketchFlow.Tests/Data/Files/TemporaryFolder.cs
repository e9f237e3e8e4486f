namespace SketchFlow.Tests.Data.Files;

/// <summary>A folder of a test's own, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-").FullName;

    /// <summary>Everything within, folders too, sorted.</summary>
    public string[] Entries => [.. Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>The path of a name within.</summary>
    public string this[string name] => Path.Combine(Root, name);

    public TemporaryFolder With(string path, string text = "")
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public TemporaryFolder WithFolder(string path)
    {
        Directory.CreateDirectory(Path.Combine(Root, path));
        return this;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
