namespace SketchFlow.Dataflow;

/// <summary>A value that consists of values.</summary>
internal interface IGroup
{
    /// <summary>The members but for <paramref name="kept"/>, which a batch function may have returned as its result.</summary>
    IEnumerable<object> Except(object? kept);
}
