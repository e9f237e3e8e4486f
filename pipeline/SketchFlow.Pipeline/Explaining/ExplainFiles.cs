using System.Globalization;
using System.Text;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Learning.Explanation;
using SketchFlow.Reports.Pages;

namespace SketchFlow.Pipeline.Explaining;

/// <summary>Writes explanations into a folder: a PNG for each map, <c>maps.csv</c> and <c>index.html</c>.</summary>
internal static class ExplainFiles
{
    /// <summary>File name of the HTML page.</summary>
    public const string PageName = "index.html";

    /// <summary>File name of the table of maps.</summary>
    public const string TableName = "maps.csv";

    private const int NameLength = 60;

    /// <summary>Deletes the maps of an earlier explanation, so that a folder has those of one.</summary>
    /// <param name="folder">The folder, which need not exist.</param>
    public static void DeleteMaps(string folder)
    {
        string[] endings = [.. Enum.GetNames<SaliencyMethod>().Select(name => $"-{name.ToLowerInvariant()}.png")];
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.png") : [])
        {
            var name = Path.GetFileName(file);
            if (char.IsAsciiDigit(name[0]) && endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Writes the maps of one image.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="image">The image.</param>
    /// <param name="number">Number of the image, from 0, which begins the names of its files.</param>
    public static void WriteMaps(string folder, ExplainedImage image, int number)
    {
        foreach (var map in image.Maps)
        {
            WholeFile.Write(Path.Combine(folder, FileName(image, map, number)), stream => stream.Write(map.Png));
        }
    }

    /// <summary>Writes the table and the page.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="title">Title of the page.</param>
    /// <param name="images">The images in their order.</param>
    public static void WriteReport(string folder, string title, IReadOnlyList<ExplainedImage> images)
    {
        CsvFile.Write(Path.Combine(folder, TableName), images.SelectMany((image, number) => image.Maps.Select(map => new
        {
            id = image.Sample.Id,
            image_path = image.Sample.ImagePath,
            given_class = image.Given,
            predicted_class = image.Predicted,
            probability = image.Probability,
            method = map.Name,
            explained_class = map.Class,
            against_class = map.Against,
            deletion = map.Faithfulness.Deletion,
            insertion = map.Faithfulness.Insertion,
            faithfulness = map.Faithfulness.Score,
            road_most_first = map.Road.MostFirst,
            road_least_first = map.Road.LeastFirst,
            road = map.Road.Score,
            inside_box = map.Inside,
            box_area = image.Box,
            file = FileName(image, map, number),
        })));
        new ExplainPage
        {
            Title = title,
            Summary = $"{Plural.Of(images.Count, "image")}, and the parts that the scores of the named classes depend on: yellow for some relevance, vermilion "
                + $"for the most. All numbers are in {TableName}, and each picture is a PNG next to this page.",
            Methods = [.. MethodMeans.Compute(images).Select(m => new ExplainMethod(
                m.Method, m.Maps, Text(m.Deletion), Text(m.Insertion), Text(m.Faithfulness), Text(m.Road), Percent.Text(m.Inside), Percent.Text(m.Box)))],
            Cards = [.. images.Select(Card)],
        }.Write(Path.Combine(folder, PageName));
    }

    /// <summary>Returns the file name of a map, which no image path can lead out of its folder.</summary>
    public static string FileName(ExplainedImage image, ExplainedMap map, int number)
    {
        var name = new StringBuilder();
        foreach (var letter in Path.GetFileNameWithoutExtension(image.Sample.ImagePath).Take(NameLength))
        {
            name.Append(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_');
        }

        return string.Create(CultureInfo.InvariantCulture, $"{number:000}-{name}-{map.Name}.png");
    }

    private static ExplainCard Card(ExplainedImage image) => new()
    {
        ImagePath = image.Sample.ImagePath,
        Given = image.Given,
        Predicted = image.Predicted,
        Probability = Percent.Text(image.Probability),
        GivenProbability = image.GivenProbability is { } probability ? Percent.Text(probability) : null,
        Picture = image.Picture,
        Maps =
        [
            .. image.Maps.Select(map => new ExplainPicture(
                map.Name, map.Against is { } other ? $"{map.Class}, not {other}" : map.Class, map.Picture, Text(map.Faithfulness.Deletion),
                Text(map.Faithfulness.Insertion), Text(map.Faithfulness.Score), Text(map.Road.Score))),
        ],
    };

    private static string Text(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
