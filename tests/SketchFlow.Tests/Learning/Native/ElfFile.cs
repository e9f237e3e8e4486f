using System.Buffers.Binary;

namespace SketchFlow.Tests.Learning.Native;

/// <summary>Reads the headers of a 64-bit little-endian ELF library.</summary>
/// <param name="path">Path of the library.</param>
internal sealed class ElfFile(string path)
{
    private const uint SymbolTable = 2;
    private const uint WithoutContent = 8;
    private const long Allocated = 2;
    private const uint LoadedSegment = 1;

    private readonly byte[] _bytes = File.ReadAllBytes(path);

    /// <summary>Whether the file has the symbol table for debuggers.</summary>
    public bool HasSymbolTable => Enumerable.Range(0, U16(60)).Any(i => U32(SectionHeader(i) + 4) == SymbolTable);

    /// <summary>Addresses and flags of the segments that the loader maps.</summary>
    public IEnumerable<(long Address, uint Flags)> Segments() =>
        Enumerable.Range(0, U16(56)).Select(i => (int)I64(32) + (i * U16(54))).Where(at => U32(at) == LoadedSegment).Select(at => (I64(at + 16), U32(at + 4)));

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

    private int SectionHeader(int number) => (int)I64(40) + (number * U16(58));

    private int U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));

    private long I64(int at) => BinaryPrimitives.ReadInt64LittleEndian(_bytes.AsSpan(at));
}
