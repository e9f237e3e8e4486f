using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers;

/// <summary>A reader of files: the input is placed under a name that the reader expects.</summary>
/// <param name="name">Name of the reader.</param>
/// <param name="format">The structure of its inputs.</param>
/// <param name="file">Name of the file, which may have folders.</param>
public abstract class FileReader(string name, InputFormat format, string file) : Reader(name, format)
{
    /// <inheritdoc/>
    public sealed override string? Read(byte[] input, string folder)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, input);
        return ReadFile(path, folder);
    }

    /// <summary>Reads the file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="folder">The folder that holds nothing else.</param>
    /// <returns>Null if it was accepted, else the text of the refusal.</returns>
    protected abstract string? ReadFile(string path, string folder);

    /// <summary>Lets <paramref name="write"/> write a file, and returns its bytes.</summary>
    protected static byte[] Written(string folder, string file, Action<string> write)
    {
        var path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        write(path);
        return File.ReadAllBytes(path);
    }
}
