using System.Runtime.InteropServices;

namespace SketchFlow.Imaging.OpenCv;

/// <summary>A shared library in memory: its exported functions and its table of imported ones (ELF, System V ABI for x86-64).</summary>
internal sealed unsafe class LoadedLibrary
{
    private const int ProgramHeaderSize = 56;
    private const int RelocationSize = 24;
    private const int SymbolSize = 24;
    private const long DynamicSegment = 2;
    private const int JumpSlot = 7;

    private readonly byte* _start;
    private readonly nint _handle;

    private LoadedLibrary(nint start, nint handle)
    {
        _start = (byte*)start;
        _handle = handle;
    }

    /// <summary>Finds the loaded libraries whose file name contains <paramref name="name"/>.</summary>
    public static IEnumerable<LoadedLibrary> Named(string name)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            yield break;
        }

        // address-address permissions offset device inode path
        var files = File.ReadLines("/proc/self/maps")
            .Select(line => line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries))
            .Where(cells => cells.Length == 6 && cells[2].Trim('0').Length == 0 && Path.GetFileName(cells[5]).Contains(name, StringComparison.Ordinal))
            .ToList();
        foreach (var cells in files)
        {
            var start = nint.Parse(cells[0].AsSpan(0, cells[0].IndexOf('-', StringComparison.Ordinal)), System.Globalization.NumberStyles.HexNumber, null);
            if (NativeLibrary.TryLoad(cells[5], out var handle))
            {
                yield return new LoadedLibrary(start, handle);
            }
        }
    }

    /// <summary>Returns the address of an exported function; 0 where there is none.</summary>
    public nint Export(string function) => NativeLibrary.TryGetExport(_handle, function, out var address) ? address : 0;

    /// <summary>Returns the address of the table entry through which the library itself calls a function; 0 where there is none or it is read-only.</summary>
    public nint FindImport(string function)
    {
        var header = new ReadOnlySpan<byte>(_start, 64);
        if (!header.StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1]) || Dynamic() is not { } at)
        {
            return 0;
        }

        // Tags: the table of jump slots and its size, the symbols, their names, and flags that make the table read-only.
        var slots = Address(at, 23);
        var size = Value(at, 2);
        var symbols = Address(at, 6);
        var names = Address(at, 5);
        if (slots == null || symbols == null || names == null || (Value(at, 0x6FFFFFFB) & 1) == 1 || (Value(at, 30) & 8) == 8)
        {
            return 0;
        }

        for (var entry = slots; entry < slots + size; entry += RelocationSize)
        {
            var (offset, type, symbol) = (*(nint*)entry, *(int*)(entry + 8), *(int*)(entry + 12));
            if (type == JumpSlot && IsNamed(names + *(uint*)(symbols + ((long)symbol * SymbolSize)), function))
            {
                return (nint)_start + offset;
            }
        }

        return 0;
    }

    private static bool IsNamed(byte* name, string expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (name[i] != expected[i])
            {
                return false;
            }
        }

        return name[expected.Length] == 0;
    }

    private nint? Dynamic()
    {
        var headers = _start + *(long*)(_start + 32);
        var count = *(ushort*)(_start + 56);
        for (var i = 0; i < count; i++)
        {
            var header = headers + (i * ProgramHeaderSize);
            if (*(int*)header == DynamicSegment)
            {
                return (nint)_start + *(nint*)(header + 16);
            }
        }

        return null;
    }

    private static long Value(nint dynamic, long tag)
    {
        for (var entry = (long*)dynamic; entry[0] != 0; entry += 2)
        {
            if (entry[0] == tag)
            {
                return entry[1];
            }
        }

        return 0;
    }

    // The loader has made addresses of the offsets in the file.
    private byte* Address(nint dynamic, long tag)
    {
        var value = Value(dynamic, tag);
        return value == 0 ? null : value < (nint)_start ? _start + value : (byte*)value;
    }
}
