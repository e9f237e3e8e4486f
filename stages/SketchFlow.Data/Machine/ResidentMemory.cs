using System.Globalization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Data.Machine;

/// <summary>Memory of this process that is in RAM, as Linux counts it (<c>/proc/self</c>, proc(5)).</summary>
public static class ResidentMemory
{
    /// <summary>Makes the present amount the peak, and gives it in bytes.</summary>
    public static long Reset()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Sandboxes forbid it: the peak is then that of the whole process.
        }

        return Read("VmRSS:");
    }

    /// <summary>The peak since <see cref="Reset"/>, in bytes.</summary>
    public static long Peak() => Read("VmHWM:");

    private static long Read(string key)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new RefusalException("Resident memory is read from /proc, which only Linux has.");
        }

        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(key, StringComparison.Ordinal));
        return 1024 * long.Parse(line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
