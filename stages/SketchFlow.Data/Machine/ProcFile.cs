using System.Globalization;

namespace SketchFlow.Data.Machine;

/// <summary>Sizes in the text files of Linux's <c>/proc</c>, whose lines read <c>VmRSS:     1234 kB</c>.</summary>
internal static class ProcFile
{
    /// <summary>Reads the size after a key.</summary>
    /// <param name="file">The file, such as <c>/proc/meminfo</c>.</param>
    /// <param name="key">The start of the line, with its colon.</param>
    /// <returns>Bytes; null where there is no such file or line.</returns>
    public static long? Bytes(string file, string key) => File.Exists(file)
        && File.ReadLines(file).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal)) is { } line
        && long.TryParse(Number(line[key.Length..]), NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes)
        ? kilobytes * 1024
        : null;

    private static string Number(string value) => value.Replace("kB", "", StringComparison.Ordinal).Trim();
}
