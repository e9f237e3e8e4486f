using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Native;

/// <summary>
/// Reads and corrects the symbol versions of 64-bit little-endian ELF libraries
/// (System V ABI, chapter 4; Linux Standard Base 5.0, "Symbol Versioning").
/// </summary>
/// <remarks>
/// TorchSharp's library names GLIBCXX_3.4.32 (GCC 13) without a relocation that uses it. On Debian 12 and Ubuntu 22.04,
/// whose libstdc++ ends at 3.4.30, the loader refuses the library because of that name alone. Marking the name weak makes the loader ignore it.
/// </remarks>
public static class SymbolVersions
{
    private const uint VersionDefinitions = 0x6FFFFFFD; // SHT_GNU_verdef
    private const uint VersionNeeds = 0x6FFFFFFE;       // SHT_GNU_verneed
    private const ushort WeakFlag = 2;                  // VER_FLG_WEAK

    /// <summary>Lists the versions that a library needs from others.</summary>
    /// <exception cref="RefusalException">The file is not a 64-bit little-endian ELF library.</exception>
    public static ImmutableArray<NeededVersion> Needed(string library)
    {
        var image = Read(library);
        return [.. Needs(image, library).Select(n => n.Needed)];
    }

    /// <summary>Lists the versions that a library defines.</summary>
    /// <exception cref="RefusalException">The file is not a 64-bit little-endian ELF library.</exception>
    public static ImmutableHashSet<string> Defined(string library)
    {
        var image = Read(library);
        var names = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var section in Sections(image, library).Where(s => s.Type == VersionDefinitions))
        {
            for (long at = section.Offset, next = 1; next != 0; at += next)
            {
                // Verdef: vd_version, vd_flags, vd_ndx, vd_cnt (u16 each), vd_hash, vd_aux, vd_next (u32 each).
                var auxiliary = at + U32(image, at + 12);
                names.Add(Text(image, section.Strings + U32(image, auxiliary)));
                next = U32(image, at + 16);
            }
        }

        return names.ToImmutable();
    }

    /// <summary>Lists the needed versions that <paramref name="provider"/> lacks, because of which the loader would refuse the library.</summary>
    public static ImmutableArray<NeededVersion> Missing(string library, string provider)
    {
        var name = Path.GetFileName(provider);
        var defined = Defined(provider);
        return [.. Needed(library).Where(n => !n.Weak && name.StartsWith(n.Provider, StringComparison.Ordinal) && !defined.Contains(n.Version))];
    }

    /// <summary>Marks needed versions weak in a copy that replaces the library; the bytes of the old file are not changed.</summary>
    /// <remarks>The file is not changed in place because it may be a hard link to the package cache.</remarks>
    /// <returns>Number of entries changed.</returns>
    public static int Weaken(string library, IEnumerable<NeededVersion> versions)
    {
        var weak = versions.Select(v => (v.Provider, v.Version)).ToHashSet();
        var image = Read(library);
        var changed = 0;
        foreach (var (needed, flags) in Needs(image, library).ToList())
        {
            if (!needed.Weak && weak.Contains((needed.Provider, needed.Version)))
            {
                var span = image.AsSpan((int)flags);
                BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(span) | WeakFlag));
                changed++;
            }
        }

        if (changed > 0)
        {
            var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(library);
            WholeFile.Write(library, stream => stream.Write(image));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(library, mode);
            }
        }

        return changed;
    }

    /// <summary>Finds the libstdc++ that this process has loaded; null where there is none (musl, Windows, macOS).</summary>
    public static string? SystemLibStdCpp()
    {
        const string Maps = "/proc/self/maps";
        return !File.Exists(Maps)
            ? null
            : File.ReadLines(Maps)
                .Select(line => line[(line.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? slash : line.Length)..])
                .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so.6", StringComparison.Ordinal));
    }

    private static IEnumerable<(NeededVersion Needed, long FlagsAt)> Needs(byte[] image, string library)
    {
        foreach (var section in Sections(image, library).Where(s => s.Type == VersionNeeds))
        {
            for (long at = section.Offset, next = 1; next != 0; at += next)
            {
                // Verneed: vn_version, vn_cnt (u16 each), vn_file, vn_aux, vn_next (u32 each).
                var provider = Text(image, section.Strings + U32(image, at + 4));
                for (long auxiliary = at + U32(image, at + 8), step = 1; step != 0; auxiliary += step)
                {
                    // Vernaux: vna_hash (u32), vna_flags, vna_other (u16 each), vna_name, vna_next (u32 each).
                    var flagsAt = auxiliary + 4;
                    var weak = (BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan((int)flagsAt)) & WeakFlag) != 0;
                    yield return (new NeededVersion(provider, Text(image, section.Strings + U32(image, auxiliary + 8)), weak), flagsAt);
                    step = U32(image, auxiliary + 12);
                }

                next = U32(image, at + 12);
            }
        }
    }

    private static IEnumerable<(uint Type, long Offset, long Strings)> Sections(byte[] image, string library)
    {
        // ELF64 header: e_shoff at 40, e_shentsize at 58, e_shnum at 60.
        var table = (long)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(40));
        var size = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(58));
        var count = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(60));
        if (table <= 0 || table + ((long)size * count) > image.Length)
        {
            throw new RefusalException($"{library} has no readable section table; build the program again (make clean build).");
        }

        for (var i = 0; i < count; i++)
        {
            // Elf64_Shdr: sh_type at 4, sh_offset at 24, sh_link at 40.
            var at = table + ((long)i * size);
            var strings = table + (U32(image, at + 40) * (long)size);
            yield return (U32(image, at + 4), OffsetOf(at), strings + size <= image.Length ? OffsetOf(strings) : 0);
        }

        long OffsetOf(long section) => (long)BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan((int)section + 24));
    }

    private static byte[] Read(string library)
    {
        var image = File.ReadAllBytes(library);
        // 0x7F 'E' 'L' 'F', class 2 (64 bit), data 1 (little endian).
        return image.Length >= 64 && image.AsSpan().StartsWith<byte>([0x7F, 0x45, 0x4C, 0x46, 2, 1])
            ? image
            : throw new RefusalException($"{library} is not a 64-bit ELF library; build the program again (make clean build).");
    }

    private static uint U32(byte[] image, long at) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan((int)at));

    private static string Text(byte[] image, long at)
    {
        var rest = image.AsSpan((int)at);
        return Encoding.UTF8.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
