using System.Collections.Immutable;
using System.Text.Json.Serialization;
using SketchFlow.Data.Files;

namespace SketchFlow.Pipeline.Runs.Replacing;

/// <summary>Description of files that were set aside, stored with them, so that another process can restore them.</summary>
/// <remarks>Paths are relative to the folder of all output.</remarks>
/// <param name="Title">Name of what is replaced, for messages, such as <c>the run a</c>.</param>
/// <param name="Moved">Folders and files that are set aside.</param>
/// <param name="New">Folders that did not exist, and are deleted when the others are restored.</param>
/// <param name="Locks">Lock files that the replacing process holds.</param>
internal sealed record ReplacementManifest(string Title, ImmutableArray<string> Moved, ImmutableArray<string> New, ImmutableArray<string> Locks)
{
    /// <summary>Whether all values are there; a damaged file may lack some.</summary>
    [JsonIgnore]
    public bool IsComplete => !string.IsNullOrEmpty(Title) && !Moved.IsDefault && !New.IsDefault && !Locks.IsDefault;

    /// <summary>Whether every path is below the folder of all output: the folders are deleted and moved without asking.</summary>
    [JsonIgnore]
    public bool StaysInside => Moved.Concat(New).Concat(Locks).All(p =>
        !string.IsNullOrEmpty(p) && !Path.IsPathRooted(p) && p.Split('/', '\\').All(FileNames.IsPlain));
}
