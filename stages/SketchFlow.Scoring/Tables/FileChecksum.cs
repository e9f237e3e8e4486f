using System.Buffers;
using System.Security.Cryptography;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Tables;

/// <summary>A SHA-256 of a whole Parquet file, stored in the file's own metadata: any flipped bit is found before the file is parsed.</summary>
/// <remarks>
/// The key <c>file_sha256</c> holds the hash of the file in which its own 64 digits are zeros. Tables of other writers need not have it;
/// the hash of their logits (<c>logits_sha256</c>) is checked after reading.
/// </remarks>
internal static class FileChecksum
{
    public const string Key = "file_sha256";

    /// <summary>Placeholder under <see cref="Key"/> that <see cref="Write"/> replaces.</summary>
    public static readonly string Blank = new('0', Digits);

    private const int Digits = 64;

    // In Thrift's compact protocol the value follows its key as field 2, binary (0x18), of 64 bytes.
    private static ReadOnlySpan<byte> Mark => "file_sha256\x18\x40"u8;

    /// <summary>Replaces the placeholder of a finished file by the file's hash.</summary>
    /// <exception cref="InvalidDataException">There is no placeholder in the footer.</exception>
    public static void Write(Stream file)
    {
        var at = Find(file);
        if (at < 0)
        {
            throw new InvalidDataException("The footer has no place for the file's hash.");
        }

        var (hash, _) = Hash(file, at, plain: false);
        file.Seek(at, SeekOrigin.Begin);
        file.Write(System.Text.Encoding.ASCII.GetBytes(hash));
    }

    /// <summary>Compares a file with the hash that it carries.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Name for the message.</param>
    /// <param name="plain">Whether the hash of the file as it is, digits included, is computed as well.</param>
    /// <returns>Whether the file carries a hash, and the plain hash where requested.</returns>
    /// <exception cref="RefusalException">The hashes differ.</exception>
    public static (bool Carried, string? Plain) Check(Stream file, string path, bool plain)
    {
        var at = Find(file);
        if (at < 0)
        {
            return (false, plain ? Hash(file, -1, plain).Plain : null);
        }

        Span<byte> declared = stackalloc byte[Digits];
        file.Seek(at, SeekOrigin.Begin);
        file.ReadExactly(declared);
        var (hash, whole) = Hash(file, at, plain);
        return declared.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(hash))
            ? (true, whole)
            : throw new RefusalException(
                $"{path} is damaged: its bytes have the SHA-256 {hash[..12]}…, expected another by its metadata; write it again with sketchflow predict.");
    }

    /// <summary>Returns the position of the 64 digits, or -1.</summary>
    private static long Find(Stream file)
    {
        Span<byte> length = stackalloc byte[4];
        file.Seek(-8, SeekOrigin.End);
        file.ReadExactly(length);
        var footer = BitConverter.ToInt32(length);
        var start = file.Length - 8 - footer;
        var bytes = ArrayPool<byte>.Shared.Rent(footer);
        try
        {
            file.Seek(start, SeekOrigin.Begin);
            file.ReadExactly(bytes, 0, footer);
            var at = bytes.AsSpan(0, footer).LastIndexOf(Mark);
            return at < 0 || at + Mark.Length + Digits > footer ? -1 : start + at + Mark.Length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Computes the hash with zeros for the digits at <paramref name="blank"/> (-1: none), and the plain one, in one pass.</summary>
    private static (string Blanked, string? Plain) Hash(Stream file, long blank, bool plain)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var whole = plain ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            file.Seek(0, SeekOrigin.Begin);
            for (var at = 0L; ;)
            {
                var read = file.Read(buffer);
                if (read == 0)
                {
                    return (Convert.ToHexStringLower(hash.GetHashAndReset()), whole is null ? null : Convert.ToHexStringLower(whole.GetHashAndReset()));
                }

                whole?.AppendData(buffer.AsSpan(0, read));
                var (from, to) = (Math.Max(blank, at), Math.Min(blank + Digits, at + read));
                if (blank >= 0 && from < to)
                {
                    buffer.AsSpan((int)(from - at), (int)(to - from)).Fill((byte)'0');
                }

                hash.AppendData(buffer.AsSpan(0, read));
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
