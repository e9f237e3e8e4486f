namespace SketchFlow.Scoring.Ensembling.Selection;

/// <summary>Changes that a stepwise search may make.</summary>
[Flags]
public enum SearchMoves
{
    /// <summary>No change: the start is scored and returned.</summary>
    None = 0,

    /// <summary>Adds a model.</summary>
    Add = 1,

    /// <summary>Removes a model.</summary>
    Remove = 2,

    /// <summary>Exchanges a member for another model, as the report's team did by hand.</summary>
    Swap = 4,
}
