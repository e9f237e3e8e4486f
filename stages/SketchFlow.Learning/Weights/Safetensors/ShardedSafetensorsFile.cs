using System.Collections.Immutable;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Safetensors;

/// <summary>A model in several safetensors files, open as one.</summary>
public sealed class ShardedSafetensorsFile : TensorFile
{
    private readonly ImmutableArray<SafetensorsFile> _shards;
    private readonly ImmutableDictionary<string, (SafetensorsFile Shard, TensorEntry Entry)> _byName;

    internal ShardedSafetensorsFile(string index) : base(index)
    {
        var places = SafetensorsFormat.ReadIndex(index);
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(index))!;
        var shards = ImmutableArray.CreateBuilder<SafetensorsFile>();
        var byName = ImmutableDictionary.CreateBuilder<string, (SafetensorsFile, TensorEntry)>(StringComparer.Ordinal);
        var tensors = ImmutableArray.CreateBuilder<TensorEntry>();
        try
        {
            foreach (var name in places.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var shard = SafetensorsFormat.Open(System.IO.Path.Combine(folder, name));
                shards.Add(shard);
                foreach (var entry in shard.Tensors)
                {
                    if (!places.TryGetValue(entry.Name, out var place) || !string.Equals(place, name, StringComparison.Ordinal))
                    {
                        throw new RefusalException($"{shard.Path} holds the tensor '{entry.Name}', which {index} {(place is null ? "does not name" : $"puts into {place}")}.");
                    }

                    byName.Add(entry.Name, (shard, entry));
                    tensors.Add(entry);
                }
            }

            if (places.FirstOrDefault(p => !byName.ContainsKey(p.Key)) is { Key: { } lost } at)
            {
                throw new RefusalException($"{index} puts the tensor '{lost}' into {at.Value}, which does not hold it.");
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
