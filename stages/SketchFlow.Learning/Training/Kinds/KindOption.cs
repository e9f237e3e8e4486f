namespace SketchFlow.Learning.Training.Kinds;

/// <summary>Description of one option of a kind.</summary>
/// <param name="Key">Key in recipes.</param>
/// <param name="Default">Default value.</param>
/// <param name="Range">Description of the allowed values.</param>
/// <param name="Summary">Meaning of the option.</param>
/// <param name="IsCommon">Whether all kinds of the section have the option.</param>
public sealed record KindOption(string Key, string Default, string Range, string Summary, bool IsCommon);
