namespace SketchFlow.Pipeline.Training.Finders;

/// <summary>The limits of a search for the largest batch size.</summary>
/// <param name="MemoryBytes">Memory that the process may use on the CPU, in bytes; not used on a GPU.</param>
/// <param name="Largest">Largest batch size to try; never more than the number of training images is tried.</param>
public sealed record BatchSizeLimits(long MemoryBytes, int Largest);
