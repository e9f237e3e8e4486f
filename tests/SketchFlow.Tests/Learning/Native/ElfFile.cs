using System.Buffers.Binary;
using System.Text;

namespace SketchFlow.Tests.Learning.Native;

/// <summary>Reads the headers of a 64-bit little-endian ELF library.</summary>
/// <param name="path">Path of the library.</param>
internal sealed class ElfFile(string path)
{
    private const uint SymbolTable = 2;
    private const uint WithoutContent = 8;
    private const long Allocated = 2;
    private const uint LoadedSegment = 1;
    private const uint DynamicSegment = 2;
    private const long StringTable = 5;
    private const long Symbols = 6;
    private const long Relocations = 7;
    private const long RelocationsSize = 8;
    private const long VersionTable = 0x6FFFFFF0;
    private const int Weak = 2;

    private readonly byte[] _bytes = File.ReadAllBytes(path);

    /// <summary>Whether the file has the symbol table for debuggers.</summary>
    public bool HasSymbolTable => Enumerable.Range(0, U16(60)).Any(i => U32(SectionHeader(i) + 4) == SymbolTable);

    /// <summary>Addresses and flags of the segments that the loader maps.</summary>
    public IEnumerable<(long Address, uint Flags)> Segments() =>
        Enumerable.Range(0, U16(56)).Select(i => (int)I64(32) + (i * U16(54))).Where(at => U32(at) == LoadedSegment).Select(at => (I64(at + 16), U32(at + 4)));

    /// <summary>Tag of the names of needed libraries.</summary>
    public const long Needed = 1;

    /// <summary>Address of the dynamic section.</summary>
    public long DynamicAddress => I64(DynamicHeader + 16);

    private int DynamicHeader => Enumerable.Range(0, U16(56)).Select(i => (int)I64(32) + (i * U16(54))).First(at => U32(at) == DynamicSegment);

    /// <summary>Lists the entries of the dynamic section.</summary>
    public List<(long Tag, long Value)> Dynamic()
    {
        var (at, entries) = ((int)I64(DynamicHeader + 8), new List<(long Tag, long Value)>());
        for (; I64(at) != 0; at += 16)
        {
            entries.Add((I64(at), I64(at + 8)));
        }

        return entries;
    }

    /// <summary>Lists the libraries that the loader must find.</summary>
    public IEnumerable<string> NeededLibraries() =>
        Dynamic().Where(e => e.Tag == Needed).Select(e => Text(e.Value));

    /// <summary>Lists undefined symbols without a version, of libraries that are not needed, whose addresses the loader needs when it loads the file.</summary>
    public IEnumerable<string> UnresolvedVariables()
    {
        var entries = Dynamic().Where(e => e.Tag != Needed).ToDictionary(e => e.Tag, e => e.Value);
        var (symbols, table, versions) = (Offset(entries[Symbols]), Offset(entries[Relocations]), Offset(entries[VersionTable]));
        return Enumerable.Range(0, (int)entries[RelocationsSize] / 24)
            .Select(i => (int)(I64(table + (24 * i) + 8) >> 32))
            .Where(symbol => symbol != 0 && U16(symbols + (24 * symbol) + 6) == 0 && _bytes[symbols + (24 * symbol) + 4] >> 4 != Weak
                && (U16(versions + (2 * symbol)) & 0x7FFF) <= 1)
            .Select(symbol => Text(U32(symbols + (24 * symbol))))
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>Address, size and contents of each section that is mapped into memory, by address; empty contents for zeros.</summary>
    public List<(long Address, long Size, ReadOnlyMemory<byte> Content)> MappedSections()
    {
        var sections = new List<(long Address, long Size, ReadOnlyMemory<byte> Content)>();
        for (var i = 0; i < U16(60); i++)
        {
            var (at, size) = (SectionHeader(i), I64(SectionHeader(i) + 32));
            if ((I64(at + 8) & Allocated) != 0 && size > 0)
            {
                sections.Add((I64(at + 16), size, U32(at + 4) == WithoutContent ? default : _bytes.AsMemory((int)I64(at + 24), (int)size)));
            }
        }

        return [.. sections.OrderBy(s => s.Address).ThenBy(s => s.Size)];
    }

    private string Text(long at)
    {
        var start = Offset(Dynamic().Single(e => e.Tag == StringTable).Value) + (int)at;
        return Encoding.ASCII.GetString(_bytes.AsSpan(start, _bytes.AsSpan(start).IndexOf((byte)0)));
    }

    private int Offset(long address)
    {
        var segment = Enumerable.Range(0, U16(56)).Select(i => (int)I64(32) + (i * U16(54)))
            .First(at => U32(at) == LoadedSegment && I64(at + 16) <= address && address < I64(at + 16) + I64(at + 32));
        return (int)(address - I64(segment + 16) + I64(segment + 8));
    }

    private int SectionHeader(int number) => (int)I64(40) + (number * U16(58));

    private int U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));

    private long I64(int at) => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(at));
}
