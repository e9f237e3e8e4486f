using System.Globalization;

namespace SketchFlow.Inference;

/// <summary>A class that an image may be of.</summary>
/// <param name="Class">The class.</param>
/// <param name="Index">Number of the class in the trained model, from 0.</param>
/// <param name="Probability">The probability, in [0, 1].</param>
public sealed record ClassProbability(ClassName Class, int Index, double Probability)
{
    /// <summary>Name of the class.</summary>
    public string Name => Class.Name;

    /// <summary>Returns the name and the probability, such as <c>cat 0.93</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {Probability:0.00##}");
}
