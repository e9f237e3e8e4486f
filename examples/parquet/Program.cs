using System.Globalization;
using ParquetSharp;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;

if (args.Length is < 3 or > 4)
{
    Console.Error.WriteLine("Usage: parquet MODEL.onnx IMAGES.parquet ANSWERS.parquet|ANSWERS.csv [COLUMN]");
    return 2;
}

try
{
    using var classifier = SketchClassifier.Load(args[0], new SketchClassifierOptions { Top = 1, BatchSize = 32 });
    using var images = new ParquetFileReader(args[1]);
    var column = ColumnOf(images, args.Length == 4 ? args[3] : "image");
    using IAnswers answers = args[2].EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? new CsvAnswers(args[2]) : new ParquetAnswers(args[2]);
    var rejected = 0;

    // Row group by row group, so that memory does not grow with the table; an image that cannot be used keeps its row.
    foreach (var answer in classifier.ClassifyMany(Images(images, column)))
    {
        rejected += answer.Error is null ? 0 : 1;
        answers.Add(answer);
    }

    Console.WriteLine($"{images.FileMetaData.NumRows} rows, {rejected} without a class");
    return rejected == 0 ? 0 : 3;
}
catch (RefusalException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

// A column of bytes, or the field "bytes" of a column as hubs of data sets write it.
static int ColumnOf(ParquetFileReader table, string name)
{
    var schema = table.FileMetaData.Schema;
    for (var i = 0; i < schema.NumColumns; i++)
    {
        if (schema.Column(i).Path.ToDotString() is var path && (path == name || path == $"{name}.bytes"))
        {
            return i;
        }
    }

    var columns = Enumerable.Range(0, schema.NumColumns).Select(i => schema.Column(i).Path.ToDotString());
    throw new RefusalException($"The table has no column {name}; name one of: {string.Join(", ", columns)}.");
}

static IEnumerable<ImageInput> Images(ParquetFileReader table, int column)
{
    var row = 0L;
    for (var g = 0; g < table.FileMetaData.NumRowGroups; g++)
    {
        using var group = table.RowGroup(g);
        using var reader = group.Column(column).LogicalReader<byte[]?>();
        foreach (var bytes in reader)
        {
            yield return ImageInput.FromBytes((row++).ToString(CultureInfo.InvariantCulture), bytes ?? []);
        }
    }
}
