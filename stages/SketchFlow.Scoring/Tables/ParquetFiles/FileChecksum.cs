using System.Buffers;
using System.Security.Cryptography;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Scoring.Tables.ParquetFiles;

/// <summary>A SHA-256 of a whole Parquet file that stands in the file's own metadata: any flipped bit is found before a parser sees it.</summary>
/// <remarks>
/// The key <c>file_sha256</c> holds the hash of the file in which its own 64 digits are zeros. Tables of other writers need not have it;
/// the logits' own hash (<c>logits_sha256</c>) is then checked after reading.
/// </remarks>
internal static class FileChecksum
{
    public const string Key = "file_sha256";

    /// <summary>What the writer puts under <see cref="Key"/>, to be replaced by <see cref="Write"/>.</summary>
    public static readonly string Blank = new('0', Digits);

    private const int Digits = 64;

    // In Thrift's compact protocol the value follows its key as field 2, binary (0x18), of 64 bytes.
    private static ReadOnlySpan<byte> Mark => "file_sha256\x18\x40"u8;

    /// <summary>Replaces the blank of a finished file by its hash.</summary>
    /// <exception cref="InvalidDataException">There is no blank in the footer.</exception>
    public static void Write(Stream file)
    {
        var at = Find(file);
        if (at < 0)
        {
            throw new InvalidDataException("The footer has no place for the file's hash.");
        }

        var hash = Hash(file, at);
        file.Seek(at, SeekOrigin.Begin);
        file.Write(System.Text.Encoding.ASCII.GetBytes(hash));
    }

    /// <summary>Compares a file with its hash.</summary>
    /// <returns>False where the file carries none.</returns>
    /// <exception cref="RefusalException">They differ.</exception>
    public static bool Check(Stream file, string path)
    {
        var at = Find(file);
        if (at < 0)
        {
            return false;
        }

        Span<byte> declared = stackalloc byte[Digits];
        file.Seek(at, SeekOrigin.Begin);
        file.ReadExactly(declared);
        var hash = Hash(file, at);
        return declared.SequenceEqual(System.Text.Encoding.ASCII.GetBytes(hash))
            ? true
            : throw new RefusalException($"{path} is damaged: its bytes have the SHA-256 {hash[..12]}…, expected another by its metadata; write it again with sketchflow predict.");
    }

    /// <summary>Where the 64 digits stand, or -1.</summary>
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

    private static string Hash(Stream file, long blank)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            file.Seek(0, SeekOrigin.Begin);
            for (var at = 0L; ;)
            {
                var read = file.Read(buffer);
                if (read == 0)
                {
                    return Convert.ToHexStringLower(hash.GetHashAndReset());
                }

                var (from, to) = (Math.Max(blank, at), Math.Min(blank + Digits, at + read));
                if (from < to)
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
