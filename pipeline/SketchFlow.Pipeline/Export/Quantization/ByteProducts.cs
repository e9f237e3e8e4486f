using SketchFlow.Data.Machine;

namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Recognises the instructions that multiply 8-bit numbers and add the products in 32 bits.</summary>
internal static class ByteProducts
{
    private static readonly (string Flag, string Title)[] _known =
    [
        ("amx_int8", "AMX"), ("avx512_vnni", "AVX-512 VNNI"), ("avx_vnni", "AVX VNNI"), ("i8mm", "I8MM"), ("asimddp", "dot products"),
    ];

    /// <summary>Returns the names of these instructions of the CPU; <c>none</c> where products are added in 16 bits.</summary>
    public static string OfThisCpu()
    {
        var flags = Cpu.Flags;
        string[] found = [.. _known.Where(k => flags.Contains(k.Flag)).Select(k => k.Title)];
        return flags.Count == 0 ? "unknown" : found.Length > 0 ? string.Join(", ", found) : "none";
    }
}
