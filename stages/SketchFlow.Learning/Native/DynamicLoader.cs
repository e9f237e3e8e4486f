using System.Diagnostics;

namespace SketchFlow.Learning.Native;

/// <summary>Finds the dependencies of a native library that the system's dynamic loader cannot resolve.</summary>
public static class DynamicLoader
{
    /// <summary>Lists the libraries that <c>ldd</c> reports as not found; empty where there is no ldd.</summary>
    public static IReadOnlyList<string> MissingLibraries(string library)
    {
        try
        {
            var start = new ProcessStartInfo("ldd", [library]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            using var ldd = Process.Start(start)!;
            var lines = ldd.StandardOutput.ReadToEnd().Split('\n');
            ldd.WaitForExit();
            var missing = lines.Where(l => l.Contains("not found", StringComparison.Ordinal)).Select(l => l.Split("=>")[0].Trim());
            return [.. missing.Distinct(StringComparer.Ordinal)];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }
}
