using SketchFlow.Scoring.Numerics;

namespace SketchFlow.Scoring.Tables;

/// <summary>Settings of <see cref="LogitsReader"/>.</summary>
public sealed record LogitsReadOptions
{
    /// <summary>Number of threads over several tables; 0 is one per core.</summary>
    public int Workers { get; init; }

    /// <summary>Memory for the logits.</summary>
    public ScratchArena Arena { get; init; } = ScratchArena.Memory;

    /// <summary>Whether <see cref="LogitsTable.FileSha256"/> is computed, in the same pass as the file's own checksum.</summary>
    public bool HashFiles { get; init; }
}
