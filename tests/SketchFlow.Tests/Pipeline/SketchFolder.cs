using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Imaging.Duplicates;

namespace SketchFlow.Tests.Pipeline;

/// <summary>A folder per class with sketches of PACS, and copies of some of them.</summary>
internal sealed class SketchFolder : IDisposable
{
    private static readonly DataSet Pacs = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch"));

    private readonly TemporaryFolder _folder = new();

    public string Root => _folder.Root;

    /// <summary>Copies a sketch to <paramref name="path"/>, a PNG file.</summary>
    /// <param name="path">Path in the folder, such as <c>train/dog/1.png</c>; the folder of the file is the sketch's class.</param>
    /// <param name="number">Number of the sketch within its class.</param>
    /// <param name="mirrored">Whether the copy is mirrored.</param>
    public SketchFolder With(string path, int number, bool mirrored = false)
    {
        var name = Path.GetFileName(Path.GetDirectoryName(path))!;
        var sample = Pacs.Train.Where(s => s.Target == Pacs.Classes.IndexOf(name)).ElementAt(number);
        using var pixels = ImageDecoder.Read(new DecodeOptions(), sample).Value;
        using var copy = mirrored ? PlantedTwins.Mirror(pixels) : pixels.Clone();
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        ImageEncoder.Write(copy, _folder[path]);
        return this;
    }

    public void Dispose() => _folder.Dispose();
}
