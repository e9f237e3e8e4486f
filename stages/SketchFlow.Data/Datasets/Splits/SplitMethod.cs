namespace SketchFlow.Data.Datasets.Splits;

/// <summary>Rule by which rows are assigned to training and validation.</summary>
public enum SplitMethod
{
    /// <summary>By a hash of the name of each row's group, or of its image path: added images do not move the others.</summary>
    Hash,

    /// <summary>By the row numbers, with exact shares of every class: the rule of runs up to commit 5dfa5fc, in which an added image moves others.</summary>
    Rows,
}
