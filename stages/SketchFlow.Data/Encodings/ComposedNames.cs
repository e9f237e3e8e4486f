using System.Text;
using ADRaffy.ENSNormalize;

namespace SketchFlow.Data.Encodings;

/// <summary>
/// Names in Unicode's composed form (NFC). macOS and some archives write names in the decomposed form (NFD), which look the same and are other code points.
/// </summary>
/// <remarks>.NET's own <c>string.Normalize</c> changes nothing in a program without ICU (invariant globalization), as this one is.</remarks>
public static class ComposedNames
{
    /// <summary>Compares names by their composed form.</summary>
    public static IEqualityComparer<string> Comparer { get; } = EqualityComparer<string>.Create(
        (a, b) => a is null || b is null ? a == b : string.Equals(Compose(a), Compose(b), StringComparison.Ordinal),
        name => Compose(name).GetHashCode(StringComparison.Ordinal));

    /// <summary>Returns the composed form of a name; of ASCII the name itself.</summary>
    public static string Compose(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Ascii.IsValid(name) ? name : Convert(name, ENSNormalize.NF.NFC);
    }

    /// <summary>Returns the decomposed form of a name; of ASCII the name itself.</summary>
    public static string Decompose(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Ascii.IsValid(name) ? name : Convert(name, ENSNormalize.NF.NFD);
    }

    private static string Convert(string name, Func<string, string> convert)
    {
        try
        {
            var converted = convert(name);
            return converted == name ? name : converted;
        }
        catch (ArgumentException)
        {
            // Half a surrogate pair is no character, and has no other form.
            return name;
        }
    }
}
