namespace SketchFlow.Dataflow.Description;

/// <summary>A value that consists of other values, whose types are not known here.</summary>
internal interface IBatchMembers
{
    /// <summary>Lists the members without <paramref name="kept"/>, which a batch function may have returned as its result.</summary>
    IEnumerable<object> Except(object? kept);
}
