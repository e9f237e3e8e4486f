using System.Diagnostics;

namespace SketchFlow.Data.Machine;

/// <summary>Resident memory of this process: the part of its memory that is in RAM.</summary>
/// <remarks>Linux counts it in <c>/proc/self/status</c> (proc(5)); elsewhere .NET's <see cref="Process"/> reports it.</remarks>
public static class ProcessMemory
{
    private const string Status = "/proc/self/status";

    /// <summary>Present resident memory in bytes.</summary>
    public static long ResidentBytes
    {
        get
        {
            if (ProcFile.Bytes(Status, "VmRSS:") is { } bytes)
            {
                return bytes;
            }

            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    /// <summary>Largest resident memory in bytes since the start of the process or the last successful <see cref="ResetPeak"/>.</summary>
    public static long PeakBytes
    {
        get
        {
            if (ProcFile.Bytes(Status, "VmHWM:") is { } bytes)
            {
                return bytes;
            }

            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }

    /// <summary>Makes the present resident memory the peak (proc(5), <c>clear_refs</c> 5).</summary>
    /// <returns>False where the system does not allow it (no Linux, or a sandbox); the peak then still counts from the start of the process.</returns>
    public static bool ResetPeak()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
