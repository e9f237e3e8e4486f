using System.Diagnostics;

namespace SketchFlow.Learning.Native;

/// <summary>Asks the system's dynamic loader which libraries a library lacks.</summary>
public static class DynamicLoader
{
    /// <summary>Names that <c>ldd</c> reports as not found; empty where there is no ldd.</summary>
    public static IReadOnlyList<string> MissingLibraries(string library)
    {
        try
        {
            using var ldd = Process.Start(new ProcessStartInfo("ldd", [library]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true });
            var lines = ldd!.StandardOutput.ReadToEnd().Split('\n');
            ldd.WaitForExit();
            return [.. lines.Where(l => l.Contains("not found", StringComparison.Ordinal)).Select(l => l.Split("=>")[0].Trim()).Distinct(StringComparer.Ordinal)];
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return [];
        }
    }
}
