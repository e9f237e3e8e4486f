using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace SketchFlow.Learning.Training.Kinds;

/// <summary>Finds the kinds of a section by reflection, with their names and options.</summary>
public static class KindRegistry
{
    private static readonly ConcurrentDictionary<Type, ImmutableSortedDictionary<string, Type>> KnownBySection = new();

    /// <summary>The sections: their names in recipes (loss, optimizer, schedule) and their abstract records.</summary>
    public static ImmutableArray<(string Name, Type Type)> Sections { get; } =
        [.. typeof(Kind).Assembly.GetTypes().Where(IsSection).Select(t => (Name: NameOf(t), Type: t)).OrderBy(s => s.Name, StringComparer.Ordinal)];

    /// <summary>Returns whether a type is a section: an abstract record derived from <see cref="Kind"/>, such as <c>Loss</c>.</summary>
    public static bool IsSection(Type type) => type is { IsAbstract: true } && type.BaseType == typeof(Kind);

    /// <summary>Lists the kinds of a section by name.</summary>
    /// <param name="section">The section's abstract record.</param>
    public static ImmutableSortedDictionary<string, Type> Known(Type section) => KnownBySection.GetOrAdd(section, type => type.Assembly.GetTypes()
        .Where(t => t.IsSubclassOf(type) && !t.IsAbstract)
        .ToImmutableSortedDictionary(NameOf, t => t, StringComparer.Ordinal));

    /// <summary>Creates the kind of that name with its default options.</summary>
    /// <typeparam name="T">The section.</typeparam>
    /// <param name="name">Name of one of the <see cref="Known"/> kinds.</param>
    public static T Create<T>(string name)
        where T : Kind => (T)Activator.CreateInstance(Known(typeof(T))[name])!;

    /// <summary>Creates every kind of a section with its default options, in order of their names.</summary>
    /// <typeparam name="T">The section.</typeparam>
    public static ImmutableArray<T> CreateAll<T>()
        where T : Kind => [.. Known(typeof(T)).Keys.Select(Create<T>)];

    /// <summary>
    /// Returns the name of a kind: the type's name in snake case. A single letter is not a word of its own: <c>OneCycle</c> is <c>one_cycle</c>,
    /// <c>AdamW</c> is <c>adamw</c>, <c>NAdam</c> is <c>nadam</c>.
    /// </summary>
    public static string NameOf(Type kind)
    {
        var (name, text) = (kind.Name, new StringBuilder());
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1]))
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    /// <summary>Lists the properties that a recipe may set: the kind's own, then those that all kinds of the section have.</summary>
    public static IEnumerable<PropertyInfo> OptionsOf(Type kind) => kind.GetProperties().Where(p => p.CanWrite);

    /// <summary>Returns the key of an option in recipes: the property's name in snake case.</summary>
    public static string KeyOf(PropertyInfo option) => KeyOf(option.Name);

    /// <inheritdoc cref="KeyOf(PropertyInfo)"/>
    internal static string KeyOf(string option) => JsonNamingPolicy.SnakeCaseLower.ConvertName(option);
}
