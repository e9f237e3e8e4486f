namespace SketchFlow.Data.Files;

/// <summary>Names of files and folders that come from files which others may have written.</summary>
public static class FileNames
{
    /// <summary>Whether a text is a name within a folder: no path, not empty, and neither <c>.</c> nor <c>..</c>.</summary>
    public static bool IsPlain(string? name) => name is not (null or "" or "." or "..") && !name.AsSpan().ContainsAny('/', '\\', '\0');
}
