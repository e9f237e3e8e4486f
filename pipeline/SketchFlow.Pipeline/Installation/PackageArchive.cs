using System.IO.Compression;
using System.Security.Cryptography;
using NuGet.Packaging;
using NuGet.Packaging.Core;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Installation;

/// <summary>A downloaded NuGet package: its content is checked, and chosen files are unpacked.</summary>
internal static class PackageArchive
{
    /// <summary>Checks that a file is the package: its content, without signatures that servers add, has the known hash.</summary>
    /// <exception cref="RefusalException">It is not; the message is a clause.</exception>
    public static void Verify(Stream file, LockedPackage package, CancellationToken cancellation)
    {
        string hash;
        try
        {
            file.Position = 0;
            using var reader = new PackageArchiveReader(file, leaveStreamOpen: true);
            hash = reader.GetContentHash(cancellation, () => Hash(file));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or PackagingException or CryptographicException)
        {
            throw new RefusalException($"sent a file that is no NuGet package ({e.Message.Split('\n')[0].TrimEnd('.', '\r')})", e);
        }

        if (!string.Equals(hash, package.ContentHash, StringComparison.Ordinal))
        {
            throw new RefusalException($"has another {package.Id} {package.Version} than the one that the program was built with (SHA-512 differs)");
        }
    }

    /// <summary>Unpacks files into a folder under their own names; no path in the archive is used for writing.</summary>
    /// <param name="file">The package.</param>
    /// <param name="members">Names of the members in the archive; all must be there.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="maxBytes">Largest size of all files together.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="RefusalException">A member is missing, or the files are too large; the message is a clause.</exception>
    public static void Unpack(Stream file, IEnumerable<string> members, string folder, long maxBytes, CancellationToken cancellation)
    {
        file.Position = 0;
        using var zip = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
        var left = maxBytes;
        foreach (var member in members)
        {
            cancellation.ThrowIfCancellationRequested();
            var entry = zip.GetEntry(member) ?? throw new RefusalException($"has a package without {member}");
            using var from = entry.Open();
            WholeFile.Write(Path.Combine(folder, Path.GetFileName(member)), to =>
            {
                var bounded = new BoundedWriter(to, left);
                from.CopyTo(bounded);
                left -= bounded.Position;
            });
        }
    }

    private static string Hash(Stream file)
    {
        file.Position = 0;
        return Convert.ToBase64String(SHA512.HashData(file));
    }
}
