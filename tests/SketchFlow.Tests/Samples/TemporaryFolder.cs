namespace SketchFlow.Tests.Samples;

/// <summary>A folder of a test's own, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-").FullName;

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
