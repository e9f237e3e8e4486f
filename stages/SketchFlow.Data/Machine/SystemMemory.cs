namespace SketchFlow.Data.Machine;

/// <summary>Memory of the machine, or of the container that the process runs in.</summary>
public static class SystemMemory
{
    /// <summary>Bytes that the process may use: the machine's memory, or the container's limit where that is smaller.</summary>
    public static long LimitBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Bytes that are free: the machine's available memory, or the rest of the container's limit where that is smaller.</summary>
    public static long FreeBytes
    {
        get
        {
            var rest = LimitBytes - ProcessMemory.ResidentBytes;
            return Math.Max(0, Math.Min(rest, ProcFile.Bytes("/proc/meminfo", "MemAvailable:") ?? rest));
        }
    }
}
