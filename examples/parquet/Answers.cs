using System.Globalization;
using ParquetSharp;
using SketchFlow.Inference;

/// <summary>Receives the answers, in the order of the rows.</summary>
internal interface IAnswers : IDisposable
{
    /// <summary>Adds the answer of the next row.</summary>
    void Add(ClassifiedImage answer);
}

/// <summary>Writes row, class, probability and error as CSV.</summary>
internal sealed class CsvAnswers : IAnswers
{
    private readonly StreamWriter _file;

    public CsvAnswers(string path)
    {
        _file = new StreamWriter(path);
        _file.WriteLine("row,class,probability,error");
    }

    public void Add(ClassifiedImage answer)
    {
        var top = answer.Top.FirstOrDefault();
        var probability = top?.Probability.ToString("0.000000", CultureInfo.InvariantCulture);
        _file.WriteLine($"{answer.Name},{Quoted(top?.Name)},{probability},{Quoted(answer.Error)}");
    }

    public void Dispose() => _file.Dispose();

    private static string Quoted(string? text) => text is null ? "" : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>Writes row, class, probability and error as a Parquet table, a row group per 10,000 answers.</summary>
internal sealed class ParquetAnswers(string path) : IAnswers
{
    private const int Rows = 10_000;

    private readonly ParquetFileWriter _file = new(
        path, [new Column<long>("row"), new Column<string?>("class"), new Column<double?>("probability"), new Column<string?>("error")]);
    private readonly List<ClassifiedImage> _waiting = [];

    public void Add(ClassifiedImage answer)
    {
        _waiting.Add(answer);
        if (_waiting.Count == Rows)
        {
            Write();
        }
    }

    public void Dispose()
    {
        if (_waiting.Count > 0)
        {
            Write();
        }

        _file.Close();
        _file.Dispose();
    }

    private void Write()
    {
        using var group = _file.AppendRowGroup();
        WriteColumn(group, a => long.Parse(a.Name, CultureInfo.InvariantCulture));
        WriteColumn(group, a => a.Top.FirstOrDefault()?.Name);
        WriteColumn(group, a => a.Top.FirstOrDefault()?.Probability);
        WriteColumn(group, a => a.Error);
        _waiting.Clear();
    }

    private void WriteColumn<T>(RowGroupWriter group, Func<ClassifiedImage, T> value)
    {
        using var column = group.NextColumn().LogicalWriter<T>();
        column.WriteBatch([.. _waiting.Select(value)]);
    }
}
