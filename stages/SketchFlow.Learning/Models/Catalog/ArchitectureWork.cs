namespace SketchFlow.Learning.Models.Catalog;

/// <summary>Work of an architecture for one image of its default size.</summary>
/// <param name="MultiplyAdds">Number of multiply-adds.</param>
/// <param name="WithoutAttention">Number of multiply-adds with weights, that is, without the matrix products of attention.</param>
public sealed record ArchitectureWork(long MultiplyAdds, long WithoutAttention);
