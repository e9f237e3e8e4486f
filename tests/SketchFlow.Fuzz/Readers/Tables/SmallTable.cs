using SketchFlow.Scoring.Tables;

namespace SketchFlow.Fuzz.Readers.Tables;

/// <summary>A logits table of three classes.</summary>
internal static class SmallTable
{
    /// <summary>Names of the classes.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["cat", "dog", "owl"];

    /// <summary>Metadata of the table.</summary>
    public static LogitsMetadata Metadata { get; } = new()
    {
        Model = "convnext_atto",
        Run = "a",
        ClassNames = [.. Classes],
        Dataset = "sketches",
        Split = "val",
        CheckpointSha256 = new string('a', 64),
    };

    /// <summary>Returns a logit.</summary>
    public static float Logit(int row, int column) => (((row * 7) + (column * 3)) % 11) - 5.5f;

    /// <summary>Returns the path of a row's image.</summary>
    public static string Image(int row) => $"val/{row}.png";

    /// <summary>Writes the table.</summary>
    public static void Write(string path, int rows)
    {
        using var writer = new LogitsWriter(path, Metadata);
        for (var row = 0; row < rows; row++)
        {
            writer.Append(row, Image(row), row % 3, [Logit(row, 0), Logit(row, 1), Logit(row, 2)]);
        }

        writer.Complete();
    }
}
