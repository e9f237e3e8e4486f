namespace SketchFlow.Pipeline.Export.Quantization;

/// <summary>Recognises the instructions that multiply 8-bit numbers and add the products in 32 bits.</summary>
internal static class ByteProducts
{
    private const string CpuInfo = "/proc/cpuinfo";

    private static readonly (string Flag, string Title)[] _known =
    [
        ("amx_int8", "AMX"), ("avx512_vnni", "AVX-512 VNNI"), ("avx_vnni", "AVX VNNI"), ("i8mm", "I8MM"), ("asimddp", "dot products"),
    ];

    /// <summary>Returns the names of these instructions of the CPU; <c>none</c> where products are added in 16 bits.</summary>
    public static string OfThisCpu()
    {
        if (!File.Exists(CpuInfo))
        {
            return "unknown";
        }

        // x64 names the line "flags", ARM names it "Features".
        var flags = File.ReadLines(CpuInfo).FirstOrDefault(line => line.Split('\t', ':')[0] is "flags" or "Features");
        var words = flags?.Split(' ') ?? [];
        string[] found = [.. _known.Where(k => words.Contains(k.Flag)).Select(k => k.Title)];
        return found.Length > 0 ? string.Join(", ", found) : "none";
    }
}
