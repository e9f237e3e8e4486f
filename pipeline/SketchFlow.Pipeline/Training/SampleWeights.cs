using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using SketchFlow.Data.Competitions;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Training;

/// <summary>Weights of training images in the loss, from a CSV table; their mean over the training images is 1.</summary>
internal sealed class SampleWeights
{
    private readonly string _path;
    private readonly Dictionary<long, float> _weights;

    private SampleWeights(string path, Dictionary<long, float> weights) => (_path, _weights) = (path, weights);

    /// <summary>Fingerprint of the weights by id, before they are scaled to a mean of 1.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>
    /// Reads a table with a header: the column <c>id</c> (row number of the training table) or <c>image_path</c> or both, and <c>weight</c>. Rows may also be
    /// of training images that the split holds out.
    /// </summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="data">The data set.</param>
    /// <param name="train">The images to train on; all that can be used need a weight.</param>
    /// <exception cref="RefusalException">The table is missing or damaged, or does not fit the images.</exception>
    public static SampleWeights Read(string path, DataSet data, IReadOnlyList<Sample> train)
    {
        var known = data.Train.Concat(train).DistinctBy(s => s.Id).ToDictionary(s => s.Id);
        var weights = ReadTable(path, data, known);
        Sample[] used = [.. train.Where(s => s is { Fault: null, Target: not null })];
        Sample[] missing = [.. used.Where(s => !weights.ContainsKey(s.Id))];
        if (missing.Length > 0)
        {
            throw new RefusalException(
                $"{path} has no weight for {missing.Length} of the {used.Length} training images, the first is {missing[0]}; add a row for each of them "
                + "(weight 1 is that of most images).");
        }

        var mean = used.Sum(s => weights[s.Id]) / Math.Max(1, used.Length);
        if (!(mean > 0 && double.IsFinite(mean)))
        {
            throw new RefusalException(
                $"{path} gives the {used.Length} training images a mean weight of {mean.ToString(CultureInfo.InvariantCulture)}, expected a finite number "
                + "above 0; give some images a weight above 0.");
        }

        return new SampleWeights(path, used.ToDictionary(s => s.Id, s => (float)(weights[s.Id] / mean)))
        {
            Fingerprint = DataSetFingerprint.Hash(
                used.OrderBy(s => s.Id).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Id}\t{weights[s.Id]:R}\n"))),
        };
    }

    /// <summary>Returns the weights of a batch's images, in their order.</summary>
    public float[] Of(PixelBatch batch) => [.. batch.Samples.Select(s => _weights[s.Id])];

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"sample weights from {_path}: {_weights.Values.Min():0.###} to {_weights.Values.Max():0.###}, mean 1; {_weights.Values.Count(w => w == 0)} of "
        + $"{_weights.Count} training images have weight 0");

    private static Dictionary<long, double> ReadTable(string path, DataSet data, Dictionary<long, Sample> known)
    {
        if (!File.Exists(path))
        {
            throw new RefusalException($"The sample weights {path} do not exist; give a CSV table with the columns id or image_path, and weight.");
        }

        try
        {
            using var text = new StreamReader(path);
            var format = CsvFile.FormatOf(path);
            format.TrimOptions = TrimOptions.Trim;
            using var csv = new CsvParser(text, format);
            string[] header = csv.Read() ? csv.Record! : [];
            var (idAt, pathAt) = (ColumnNames.Find(header, ["id"]), ColumnNames.Find(header, ["imagepath", "path", "file", "filename", "image"]));
            if (ColumnNames.Find(header, ["weight", "sampleweight"]) is not { } weightAt || (idAt ?? pathAt) is null)
            {
                throw new RefusalException(
                    $"{path} has the columns {PrintableText.Line(string.Join(", ", header.Take(8)))}, expected id or image_path, and weight.");
            }

            // Two rows may list the same image.
            var byPath = idAt is null ? known.Values.ToLookup(s => s.ImagePath, StringComparer.Ordinal) : null;
            var weights = new Dictionary<long, double>();
            while (csv.Read())
            {
                var row = csv.Record!.Length == header.Length ? csv.Record : throw new RefusalException(
                    $"{path} has {csv.Record.Length} fields in line {csv.RawRow}, expected {header.Length} as in its header.");
                var weight = Number(path, row[weightAt], csv.RawRow);
                var imagePath = pathAt is { } at ? row[at] : null;
                List<Sample> samples = byPath is null ? [Find(path, data, known, row[idAt!.Value], imagePath)] : [.. byPath[imagePath!]];
                if (samples.Count == 0)
                {
                    throw Unknown(path, data, PrintableText.Line(imagePath!));
                }

                foreach (var sample in samples)
                {
                    if (!weights.TryAdd(sample.Id, weight))
                    {
                        throw new RefusalException($"{path} has a second weight for {sample} in line {csv.RawRow}, expected one; remove one of them.");
                    }
                }
            }

            return weights;
        }
        catch (CsvHelperException e)
        {
            throw new RefusalException($"{path} cannot be read as a CSV table ({PrintableText.Reason(e)}); write it again with sketchflow audit.", e);
        }
    }

    private static double Number(string path, string text, int line) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) && weight >= 0 && double.IsFinite(weight)
            ? weight
            : throw new RefusalException($"{path} has the weight '{PrintableText.Line(text, 40)}' in line {line}, expected a number of 0 or more.");

    private static Sample Find(string path, DataSet data, Dictionary<long, Sample> known, string id, string? imagePath)
    {
        if (!long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) || !known.TryGetValue(number, out var sample))
        {
            throw Unknown(path, data, $"id {PrintableText.Line(id, 40)}");
        }

        return imagePath is null || imagePath == sample.ImagePath ? sample : throw new RefusalException(
            $"{path} has {PrintableText.Line(imagePath)} for id {number}, and {data.Name} has {sample.ImagePath}; write the weights again for this data set.");
    }

    private static RefusalException Unknown(string path, DataSet data, string row) =>
        new($"{path} has a weight for {row}, which is no training image of {data.Name}; use the weights of this data set.");
}
