using SketchFlow.Imaging.Doodles;

namespace SketchFlow.Tests.Inference;

/// <summary>Files to classify: built-in drawings, all files of <c>shared/cases/images</c> where they are, and files that are no images.</summary>
internal static class TestImages
{
    /// <summary>Writes drawings and broken files into a folder, the broken ones between the others.</summary>
    public static string[] Write(string folder)
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = 4, TrainPerClass = 4, TestPerClass = 1 }, folder);
        string[] good = [.. Directory.GetFiles(Path.Combine(folder, "train"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        var (text, cut) = (Path.Combine(folder, "text.png"), Path.Combine(folder, "cut.png"));
        File.WriteAllText(text, "no image");
        File.WriteAllBytes(cut, File.ReadAllBytes(good[0])[..100]);
        return [text, .. good[..3], cut, cut, .. good[3..], Path.Combine(folder, "missing.png")];
    }

    /// <summary>Every file of the cases, of all formats and defects.</summary>
    public static string[] Cases() =>
        [.. Directory.GetFiles(Path.Combine(Reference.Folder, "cases", "images"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
