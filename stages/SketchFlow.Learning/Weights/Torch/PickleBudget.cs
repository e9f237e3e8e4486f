namespace SketchFlow.Learning.Weights.Torch;

/// <summary>
/// Memory that everything made from one pickle may take together: values, containers, names and the list of tensors. A pickle may share a value as often as
/// it likes, so that its length alone bounds nothing.
/// </summary>
internal sealed class PickleBudget
{
    /// <summary>Number of bytes of a pickle that is read; the largest of published checkpoints have a few million.</summary>
    public const int MaxLength = 64 << 20;

    /// <summary>Number of dimensions of a tensor, the limit of PyTorch.</summary>
    public const int MaxDimensions = 64;

    /// <summary>Number of characters of a name: of a global, a storage or the path of a tensor.</summary>
    public const int MaxName = 1000;

    /// <summary>Bytes of a value on the stack: its place there and a small object.</summary>
    public const int Value = 40;

    /// <summary>Bytes of an empty container, and of an entry of a hash table.</summary>
    public const int Container = 64;

    /// <summary>Bytes of an item of a growing list.</summary>
    public const int Item = 16;

    private const long MaxBytes = 128 << 20;

    private long _bytes;

    /// <summary>Adds memory that is about to be taken.</summary>
    /// <exception cref="PickleException">The limit is exceeded.</exception>
    public void Take(long bytes)
    {
        _bytes += bytes;
        if (_bytes > MaxBytes)
        {
            throw new PickleException($"its pickle makes more than {MaxBytes >> 20} MB of values and entries, of which a checkpoint has a few");
        }
    }

    /// <summary>Checks the length of a name and adds its memory.</summary>
    /// <exception cref="PickleException">The name is too long.</exception>
    public string Name(string name)
    {
        Take(32 + (2L * name.Length));
        return name.Length <= MaxName ? name : throw new PickleException($"a name has {name.Length} characters, expected at most {MaxName}");
    }
}
