using System.Security.Cryptography;
using System.Text;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>Computes the checksums that the hub uses as ETags.</summary>
internal static class BlobChecksum
{
    private const int Sha256Digits = 64;
    private const int Sha1Digits = 40;

    /// <summary>
    /// Computes the checksum of the kind of <paramref name="etag"/>: SHA-256 for large files, the SHA-1 of Git's blob for small ones; returns null
    /// for an ETag of another kind.
    /// </summary>
    public static async Task<string?> Compute(FileStream stream, string etag, CancellationToken cancellation)
    {
        if (etag.Length is not (Sha256Digits or Sha1Digits) || !etag.All(char.IsAsciiHexDigit))
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(etag.Length == Sha256Digits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (etag.Length == Sha1Digits)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        }

        stream.Seek(0, SeekOrigin.Begin);
        var buffer = new byte[1 << 20];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
