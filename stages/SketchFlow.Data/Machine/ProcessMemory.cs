using System.Diagnostics;
using System.Globalization;

namespace SketchFlow.Data.Machine;

/// <summary>Resident memory of this process, as Linux counts it.</summary>
public static class ProcessMemory
{
    /// <summary>Largest resident memory since the start or the last <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes
    {
        get
        {
            if (File.Exists("/proc/self/status"))
            {
                var line = File.ReadLines("/proc/self/status").FirstOrDefault(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
                if (line is not null)
                {
                    return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
                }
            }

            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>What the process may have: the machine's memory, or the container's.</summary>
    public static long AvailableBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Begins to count the peak anew, where the system lets it (proc(5), clear_refs 5); else it goes on, and only grows.</summary>
    public static void ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Sizes grow, so a peak that only grows is the last size's all the same.
        }
    }
}
