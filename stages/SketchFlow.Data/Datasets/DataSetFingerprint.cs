using System.Security.Cryptography;
using System.Text;

namespace SketchFlow.Data.Datasets;

/// <summary>Fingerprints (SHA-256, lower-case hexadecimal) that tell data sets apart. No image is read.</summary>
public static class DataSetFingerprint
{
    /// <summary>Computes the fingerprint of the classes and of every row: split, image path and class name. Row numbers do not matter.</summary>
    public static string Compute(DataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var rows = Rows("train", data.Train).Concat(Rows("val", data.Validation)).Concat(Rows("test", data.Test)).Order(StringComparer.Ordinal);
        return Hash(data.Classes.Order(StringComparer.Ordinal).Select(name => $"class\t{name}\n").Concat(rows));

        IEnumerable<string> Rows(string split, IEnumerable<Sample> samples) =>
            samples.Select(s => $"{split}\t{s.ImagePath}\t{(s.Target is { } target ? data.Classes[target] : "")}\n");
    }

    /// <summary>Computes the fingerprint of a set of class names, regardless of their order.</summary>
    public static string OfClasses(IEnumerable<string> names) => Hash(names.Order(StringComparer.Ordinal).Select(name => $"{name}\n"));

    /// <summary>Computes the SHA-256 of the concatenated lines, in lower-case hexadecimal.</summary>
    public static string Hash(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var line in lines)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(line));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
