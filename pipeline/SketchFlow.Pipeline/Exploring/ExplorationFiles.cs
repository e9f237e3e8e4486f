using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>
/// Writes an exploration into a folder: <c>eda.csv</c> (one row per image), <c>twins.csv</c> (one row per pair), <c>similar-classes.csv</c>, <c>map.csv</c>,
/// <c>rejected.csv</c>, <c>eda.json</c> and <c>index.html</c>.
/// </summary>
internal static class ExplorationFiles
{
    /// <summary>File name of the HTML page.</summary>
    public const string PageName = "index.html";

    /// <summary>File name of the list of rejected images.</summary>
    public const string RejectedName = "rejected.csv";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Writes all files; without rejected images, the list of an earlier exploration is deleted.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="found">The exploration.</param>
    public static void Write(string folder, DataExploration found)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(found);
        CsvFile.Write(Path.Combine(folder, "eda.csv"), found.Images.Select((i, at) => new
        {
            split = i.Split,
            id = i.Sample.Id,
            image_path = i.Sample.ImagePath,
            @class = found.ClassName(i),
            format = i.Format,
            bytes = i.Bytes,
            width = i.Measures.Width,
            height = i.Measures.Height,
            aspect = i.Measures.Aspect,
            brightness = i.Measures.Brightness,
            contrast = i.Measures.Contrast,
            colour = i.Measures.Colour,
            ink_share = i.Measures.InkShare,
            stroke_width = i.Measures.StrokeWidth,
            dark_paper = i.Measures.IsDarkPaper,
            unusual = string.Join(';', found.Outliers[at].Select(o => o.Key)),
        }));
        CsvFile.Write(Path.Combine(folder, "twins.csv"), found.Twins.Select(t => new
        {
            kind = t.KindName,
            correlation = t.Correlation,
            same_file = t.IsSameFile,
            across_splits = t.IsAcrossSplits,
            across_classes = t.IsAcrossClasses,
            first_split = t.First.Split,
            first_id = t.First.Sample.Id,
            first_path = t.First.Sample.ImagePath,
            first_class = found.ClassName(t.First),
            second_split = t.Second.Split,
            second_id = t.Second.Sample.Id,
            second_path = t.Second.Sample.ImagePath,
            second_class = found.ClassName(t.Second),
        }));
        CsvFile.Write(Path.Combine(folder, "similar-classes.csv"), found.SimilarClasses.Select(p => new
        {
            first = found.Data.Classes[p.First],
            second = found.Data.Classes[p.Second],
            first_as_second = p.FirstAsSecond,
            second_as_first = p.SecondAsFirst,
            share = p.Share,
        }));
        WriteMap(Path.Combine(folder, "map.csv"), found);
        WriteRejected(Path.Combine(folder, RejectedName), found);
        WholeFile.WriteText(Path.Combine(folder, "eda.json"), JsonSerializer.Serialize(ExplorationSummary.Create(found), _json) + "\n");
        ExplorationPage.Create(found).Write(Path.Combine(folder, PageName));
    }

    private static void WriteMap(string file, DataExploration found)
    {
        CsvFile.Write(file, found.Map.Images.Select((at, place) => new
        {
            split = found.Images[at].Split,
            id = found.Images[at].Sample.Id,
            image_path = found.Images[at].Sample.ImagePath,
            @class = found.ClassName(found.Images[at]),
            x = found.Map.Points[place].X,
            y = found.Map.Points[place].Y,
            neighbours = string.Join(';', found.Map.Neighbours[place].Select(n => Key(found.Images[found.Map.Images[n]]))),
        }));

        static string Key(ExploredImage image) => string.Create(CultureInfo.InvariantCulture, $"{image.Split}:{image.Sample.Id}");
    }

    private static void WriteRejected(string file, DataExploration found)
    {
        if (found.Rejected.Length == 0)
        {
            File.Delete(file);
            return;
        }

        CsvFile.Write(file, found.Rejected.Select(r => new { split = r.Split, id = r.Rejected.Id, image_path = r.Rejected.Path, reason = r.Rejected.Reason }));
    }
}
