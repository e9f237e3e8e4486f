using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.TensorFiles;

namespace SketchFlow.Learning.Weights.Safetensors;

/// <summary>A model in several safetensors files, opened as one.</summary>
public sealed class ShardedSafetensorsFile : TensorFile
{
    private readonly ImmutableArray<SafetensorsFile> _shards;
    private readonly ImmutableDictionary<string, (SafetensorsFile Shard, TensorEntry Entry)> _byName;

    internal ShardedSafetensorsFile(string index) : base(index)
    {
        var assigned = ShardIndex.Read(index);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(index))!;
        var shards = ImmutableArray.CreateBuilder<SafetensorsFile>();
        var byName = ImmutableDictionary.CreateBuilder<string, (SafetensorsFile, TensorEntry)>(StringComparer.Ordinal);
        var tensors = ImmutableArray.CreateBuilder<TensorEntry>();
        try
        {
            foreach (var name in assigned.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var shard = SafetensorsFormat.Open(System.IO.Path.Combine(folder, name));
                shards.Add(shard);
                foreach (var entry in shard.Tensors)
                {
                    if (!assigned.TryGetValue(entry.Name, out var expected) || !string.Equals(expected, name, StringComparison.Ordinal))
                    {
                        var indexed = expected is null ? "does not list" : $"assigns to {expected}";
                        throw new RefusalException($"{shard.Path} contains the tensor '{entry.Name}', which {index} {indexed}.");
                    }

                    byName.Add(entry.Name, (shard, entry));
                    tensors.Add(entry);
                }
            }

            if (assigned.FirstOrDefault(p => !byName.ContainsKey(p.Key)) is { Key: { } missing } place)
            {
                throw new RefusalException($"{index} assigns the tensor '{missing}' to {place.Value}, which does not contain it.");
            }
        }
        catch
        {
            foreach (var shard in shards)
            {
                shard.Dispose();
            }

            throw;
        }

        (_shards, _byName, Tensors) = (shards.ToImmutable(), byName.ToImmutable(), tensors.ToImmutable());
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorEntry> Tensors { get; }

    /// <inheritdoc/>
    public override TensorEntry? Find(string name) => _byName.TryGetValue(name, out var found) ? found.Entry : null;

    /// <inheritdoc/>
    public override void CopyElements<T>(TensorEntry tensor, long start, Span<T> destination)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        _byName[tensor.Name].Shard.CopyElements(tensor, start, destination);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var shard in _shards)
            {
                shard.Dispose();
            }
        }
    }
}
