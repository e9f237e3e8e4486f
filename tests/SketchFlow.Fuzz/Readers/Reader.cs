using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers;

/// <summary>One reader of the program: for any bytes it must give a value or a refusal. A subclass with a constructor without parameters is found.</summary>
/// <param name="name">Name on the command line and in tables, such as <c>png</c>.</param>
/// <param name="format">The structure of its inputs.</param>
public abstract class Reader(string name, InputFormat format)
{
    /// <summary>All readers, by name.</summary>
    public static IReadOnlyList<Reader> All { get; } =
    [
        .. typeof(Reader).Assembly.GetTypes().Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(Reader)) && t != typeof(ProbeReader))
            .Select(t => (Reader)Activator.CreateInstance(t)!).OrderBy(r => r.Name, StringComparer.Ordinal),
    ];

    /// <summary>Name on the command line and in tables.</summary>
    public string Name => name;

    /// <summary>The structure of the inputs.</summary>
    public InputFormat Format => format;

    /// <summary>Patterns of files in <c>../shared/cases</c> that are mutated as well, whether they are valid or not.</summary>
    public virtual IReadOnlyList<string> Cases => [];

    /// <summary>Returns the reader with a name.</summary>
    public static Reader Find(string name) => name == ProbeReader.ProbeName ? new ProbeReader()
        : All.FirstOrDefault(r => r.Name == name)
        ?? throw new ArgumentException($"There is no reader {name}; expected one of {string.Join(", ", All.Select(r => r.Name))}.", nameof(name));

    /// <summary>Creates small valid inputs.</summary>
    /// <param name="folder">An empty folder for files that are needed to create them.</param>
    public abstract IEnumerable<byte[]> CreateSeeds(string folder);

    /// <summary>Reads one input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="folder">An empty folder, in which the input may be placed.</param>
    /// <returns>Null if it was accepted, else the text of the refusal. A refusal may be thrown as well.</returns>
    public abstract string? Read(byte[] input, string folder);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
