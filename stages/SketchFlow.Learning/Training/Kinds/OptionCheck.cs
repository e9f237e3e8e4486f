namespace SketchFlow.Learning.Training.Kinds;

/// <summary>The range check of one option.</summary>
/// <param name="Key">Key of the option in recipes.</param>
/// <param name="Holds">Whether the value is in range.</param>
/// <param name="Found">The value.</param>
/// <param name="Expected">Description of the range, such as <c>0 or more</c>.</param>
public sealed record OptionCheck(string Key, bool Holds, object? Found, string Expected)
{
    /// <summary>The value as text.</summary>
    public string FoundText => OptionText.Format(Found);

    /// <summary>Returns a sentence such as <c>gamma is -1, expected 0 or more.</c></summary>
    public override string ToString() => $"{Key} is {FoundText}, expected {Expected}.";
}
