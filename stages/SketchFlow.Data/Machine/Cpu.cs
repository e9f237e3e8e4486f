namespace SketchFlow.Data.Machine;

/// <summary>The CPU of this machine, as Linux describes it.</summary>
public static class Cpu
{
    private const string Description = "/proc/cpuinfo";

    /// <summary>Name of the model; empty where it is unknown.</summary>
    public static string Name => Values("model name");

    /// <summary>Names of the instruction sets, such as <c>avx512_vnni</c>; empty where they are unknown.</summary>
    // x64 names the line "flags", ARM names it "Features".
    public static IReadOnlySet<string> Flags => Values("flags", "Features").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);

    private static string Values(params string[] keys)
    {
        var line = File.Exists(Description) ? File.ReadLines(Description).Select(l => l.Split(':', 2)).FirstOrDefault(l => keys.Contains(l[0].Trim())) : null;
        return line is [_, var value] ? value.Trim() : "";
    }
}
