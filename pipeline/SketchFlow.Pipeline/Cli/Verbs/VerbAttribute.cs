namespace SketchFlow.Pipeline.Cli.Verbs;

/// <summary>Names a verb and its place in the command tree.</summary>
/// <param name="path">Words of the verb after the program's name, such as <c>bench loader</c>; all words but the last name its group.</param>
/// <param name="description">Description that <c>--help</c> prints.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class VerbAttribute(string path, string description) : Attribute
{
    /// <summary>Words of the verb after the program's name.</summary>
    public string Path { get; } = path;

    /// <summary>Description that <c>--help</c> prints.</summary>
    public string Description { get; } = description;

    /// <summary>Position among the verbs of its group; verbs without one are last, sorted by name.</summary>
    public int Order { get; init; } = int.MaxValue;

    /// <summary>Command lines that <c>--help</c> prints as examples.</summary>
    public string[] Examples { get; init; } = [];

    /// <summary>Last word of the path.</summary>
    public string Name => Path[(Path.LastIndexOf(' ') + 1)..];

    /// <summary>Path of the group; empty for a verb of the program itself.</summary>
    public string Group => Path.LastIndexOf(' ') is var space and >= 0 ? Path[..space] : "";
}
