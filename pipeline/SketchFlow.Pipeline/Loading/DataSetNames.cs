using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Loading;

/// <summary>Gives data sets the names under which their results are stored, so that two data sets never share a folder of results.</summary>
/// <remarks>
/// A data set is named after its folder. A second one with that folder name, another path and other classes gets the name <c>name-&lt;8 hex&gt;</c>; the
/// digits are the start of the fingerprint of its class names. The same folder keeps its name for ever, and so does a copy that has the same classes.
/// </remarks>
/// <param name="artifacts">The folder of all output; names are kept in its <c>datasets.json</c>.</param>
public sealed class DataSetNames(Artifacts artifacts)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly string _file = Path.Combine(artifacts.Root, "datasets.json");

    /// <summary>Reads a data set. Its tables are read with the given options, or those of the last time.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="options">Options of its tables; those that are null are the ones that they were read with before.</param>
    /// <exception cref="RefusalException">The folder is no data set, or the stored names cannot be read.</exception>
    public DataSet Read(string folder, DataSetOptions? options = null)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var known = (Read().FirstOrDefault(n => n.Root == root) ?? new DataSetName("", root, "")).With(options);
        return DataSetReader.Read(folder, new DataSetOptions
        {
            Encoding = known.Encoding,
            ImageColumn = known.ImageColumn,
            LabelColumn = known.LabelColumn,
            CacheFolder = Path.Combine(artifacts.Data, "shards"),
        });
    }

    /// <summary>Returns the data set with its name, which is stored if it is new.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="options">Options that its tables were read with, which are stored for the next time; null keeps the stored ones.</param>
    /// <exception cref="RefusalException">The stored names cannot be read.</exception>
    public DataSet Resolve(DataSet data, DataSetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (Read().FirstOrDefault(n => n.Root == data.Root) is { } known && known.With(options) == known)
        {
            return data with { Name = known.Name };
        }

        Directory.CreateDirectory(artifacts.Root);
        using var fileLock = FileLock.Wait(_file + ".lock", TimeSpan.FromSeconds(10));
        var names = Read();
        var name = names.FirstOrDefault(n => n.Root == data.Root) ?? Choose(data, names);
        name = name.With(options);
        if (!names.Contains(name))
        {
            WholeFile.WriteText(_file, JsonSerializer.Serialize(names.Where(n => n.Root != data.Root).Append(name), _json) + "\n");
        }

        return data with { Name = name.Name };
    }

    /// <summary>Returns the name of the data set in a folder; a folder that does not exist or is no data set has its own name.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <exception cref="RefusalException">The stored names cannot be read.</exception>
    public string Find(string folder)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Read().FirstOrDefault(n => n.Root == root) is { } known)
        {
            return known.Name;
        }

        try
        {
            return Directory.Exists(root) ? Resolve(Read(root, null)).Name : Path.GetFileName(root);
        }
        catch (RefusalException)
        {
            return Path.GetFileName(root);
        }
    }

    private DataSetName Choose(DataSet data, DataSetName[] names)
    {
        var classes = DataSetFingerprint.OfClasses(data.Classes);
        var owner = names.FirstOrDefault(n => n.Name == data.Name)?.ClassesSha256 ?? ClassesOfTables(data.Name) ?? classes;
        return new DataSetName(owner == classes ? data.Name : $"{data.Name}-{classes[..8]}", data.Root, classes);
    }

    // Results of an older version have no stored name: their tables tell the classes.
    private string? ClassesOfTables(string name)
    {
        var folder = Path.Combine(artifacts.Logits, name);
        var table = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.parquet", SearchOption.AllDirectories).OrderBy(f => new FileInfo(f).Length)
                .ThenBy(f => f, StringComparer.Ordinal).FirstOrDefault()
            : null;
        try
        {
            return table is null ? null : DataSetFingerprint.OfClasses(LogitsReader.Read(table).Metadata.ClassNames);
        }
        catch (RefusalException)
        {
            // A damaged table is reported by the commands that need it.
            return null;
        }
    }

    private DataSetName[] Read()
    {
        if (!File.Exists(_file))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<DataSetName[]>(File.ReadAllText(_file), _json) is { } names
                && names.All(n => n is { Name: not null, Root: not null })
                ? names
                : throw new JsonException("an entry has no name or root");
        }
        catch (JsonException e)
        {
            throw new RefusalException(
                $"{_file} cannot be read ({PrintableText.Reason(e)}), expected a list of names, roots and class fingerprints; "
                + "delete it to have it written again.",
                e);
        }
    }
}
