using System.Security.Cryptography;

namespace SketchFlow.Data.Files;

/// <summary>Checksums of whole files.</summary>
public static class FileHash
{
    /// <summary>Computes the SHA-256 of a file.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static string Sha256(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
