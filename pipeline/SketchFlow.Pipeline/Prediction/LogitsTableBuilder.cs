using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Pipeline.Prediction;

/// <summary>Collects the rows of a logits table in memory.</summary>
/// <param name="path">The file that the table will be written to.</param>
/// <param name="metadata">The metadata of the table.</param>
/// <param name="capacity">Number of rows.</param>
internal sealed class LogitsTableBuilder(string path, LogitsMetadata metadata, int capacity)
{
    private readonly List<long> _ids = new(capacity);
    private readonly List<string> _paths = new(capacity);
    private readonly List<int?> _targets = new(capacity);
    private readonly List<string> _statuses = new(capacity);
    private readonly float[] _logits = new float[checked(capacity * metadata.ClassNames.Length)];

    /// <summary>Number of rows so far.</summary>
    public int Rows => _ids.Count;

    /// <summary>Appends a predicted row.</summary>
    /// <param name="sample">The image.</param>
    /// <param name="logits">float32, (classes); copied.</param>
    public void Add(Sample sample, ReadOnlySpan<float> logits)
    {
        logits.CopyTo(_logits.AsSpan(Rows * metadata.ClassNames.Length, metadata.ClassNames.Length));
        Add(sample.Id, sample.ImagePath, sample.Target, LogitsTable.Ok);
    }

    /// <summary>Appends the row of a rejected image, with logits of zero.</summary>
    public void Add(Rejected rejected, int? target) => Add(rejected.Id, rejected.Path, target, rejected.Reason);

    /// <summary>Creates the table; the builder must not be used afterwards.</summary>
    public LogitsTable ToTable() =>
        new(path, metadata, [.. _ids], [.. _paths], [.. _targets], [.. _statuses], _logits.AsMemory(0, Rows * metadata.ClassNames.Length));

    private void Add(long id, string imagePath, int? target, string status)
    {
        _ids.Add(id);
        _paths.Add(imagePath);
        _targets.Add(target);
        _statuses.Add(status);
    }
}
