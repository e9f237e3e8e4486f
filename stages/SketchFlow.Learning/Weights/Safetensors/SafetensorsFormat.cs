using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Safetensors;

/// <summary>
/// Reads and writes Hugging Face's safetensors format (github.com/huggingface/safetensors): eight bytes with the header's length, a JSON
/// header, and the bytes of all tensors without gaps.
/// </summary>
/// <remarks>
/// Written by hand: the format is small, and this reader maps the file into memory and checks every rule of the format, with messages that name
/// the tensor.
/// </remarks>
public static partial class SafetensorsFormat
{
    /// <summary>Opens a file and checks its header; tensors are read from disk on request.</summary>
    /// <exception cref="RefusalException">The file cannot be opened or violates the format; the message names file and tensor.</exception>
    public static SafetensorsFile Open(string path) => new(path);

    /// <summary>
    /// Opens the index of a model stored in several files: <c>{"metadata": {"total_size": …}, "weight_map": {tensor: file}}</c>, as written by
    /// Hugging Face's libraries. Every shard must be in the index's folder and contain exactly the tensors that the index assigns to it.
    /// </summary>
    /// <exception cref="RefusalException">The index or a shard cannot be read, or they disagree; the message names file and tensor.</exception>
    public static ShardedSafetensorsFile OpenSharded(string index) => new(index);
}
