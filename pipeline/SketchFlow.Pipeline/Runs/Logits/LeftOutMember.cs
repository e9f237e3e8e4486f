namespace SketchFlow.Pipeline.Runs.Logits;

/// <summary>A member that an ensemble or comparison does not use, and the reason.</summary>
/// <param name="Name">Name of the member: the run, with its test-time augmentation if there is one.</param>
/// <param name="Reason">The reason, as a sentence without its subject or as a whole message.</param>
public sealed record LeftOutMember(string Name, string Reason)
{
    /// <summary>Describes members, those that are left out for the same reason in one line.</summary>
    public static IEnumerable<string> Describe(IEnumerable<LeftOutMember> members) => members.GroupBy(m => m.Reason, StringComparer.Ordinal)
        .Select(g => g.Count() == 1 ? $"{g.First()}" : $"{string.Join(", ", g.Select(m => m.Name))} are left out. Reason for each: {g.Key}");

    /// <inheritdoc/>
    public override string ToString() => $"{Name} is left out: {Reason}";
}
