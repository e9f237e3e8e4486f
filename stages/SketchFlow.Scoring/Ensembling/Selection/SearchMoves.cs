namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Which changes a stepwise search may make.</summary>
[Flags]
public enum SearchMoves
{
    /// <summary>None: the start is scored and returned.</summary>
    None = 0,

    /// <summary>A model that is not in comes in.</summary>
    Add = 1,

    /// <summary>A model that is in goes.</summary>
    Remove = 2,

    /// <summary>A model that is in is exchanged for one that is not: what the report's team did by hand.</summary>
    Swap = 4,
}
