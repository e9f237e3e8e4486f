using CsvHelper;
using SketchFlow.Data.Files;
using SketchFlow.Pipeline.Explaining;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Pipeline.Reporting;

/// <summary>Finds the maps that <c>explain</c> has written for images of a run.</summary>
internal static class ExplainedMapLinks
{
    // A table of 10,000 maps has about 2 MB.
    private const long MostBytes = 64 << 20;

    /// <summary>Reads the tables of maps of a run and of its folds.</summary>
    /// <param name="artifacts">Folder of artifacts.</param>
    /// <param name="run">The run.</param>
    /// <returns>Method and address of each map, relative to the page of the run, by image path; maps without a file are left out.</returns>
    public static ILookup<string, (string Method, string Link)> Find(Artifacts artifacts, RunFolder run)
    {
        ArgumentNullException.ThrowIfNull(artifacts);
        ArgumentNullException.ThrowIfNull(run);
        var page = ReportFiles.Run(artifacts, run.Name);
        return run.Folds.Prepend(run).SelectMany(part => Read(TableOf(artifacts, part)))
            .ToLookup(map => map.Image, map => (map.Method, ReportFiles.Link(page, map.File)), StringComparer.Ordinal);
    }

    /// <summary>Gets the table of maps of a run or fold, which need not exist.</summary>
    public static string TableOf(Artifacts artifacts, RunFolder run) => Path.Combine(ReportFiles.Explained(artifacts, run), ExplainFiles.TableName);

    private static List<(string Image, string Method, string File)> Read(string path)
    {
        var (table, folder) = (new FileInfo(path), Path.GetDirectoryName(path)!);
        var maps = new List<(string, string, string)>();
        if (!table.Exists || table.Length > MostBytes)
        {
            return maps;
        }

        try
        {
            using var text = table.OpenText();
            using var csv = new CsvReader(text, CsvFile.FormatOf(table.FullName));
            csv.Read();
            csv.ReadHeader();
            while (csv.Read())
            {
                var (image, method, name) = (csv.GetField("image_path")!, csv.GetField("method")!, csv.GetField("file")!);
                // A name with folders would lead anywhere.
                if (name == Path.GetFileName(name) && File.Exists(Path.Combine(folder, name)))
                {
                    maps.Add((image, method, Path.Combine(folder, name)));
                }
            }
        }
        catch (Exception e) when (e is CsvHelperException or IOException or UnauthorizedAccessException)
        {
            // The page is useful without these links; explain writes its table again.
            return [];
        }

        return maps;
    }
}
