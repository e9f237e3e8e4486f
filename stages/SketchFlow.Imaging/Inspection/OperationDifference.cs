namespace SketchFlow.Imaging.Inspection;

/// <summary>One operation held against another library's output.</summary>
/// <param name="Case">The reference output's file name.</param>
/// <param name="Operation">Name and parameters.</param>
/// <param name="Source">The library that made it.</param>
/// <param name="Size">Whether the sizes agree; where not, the differences are those of nothing.</param>
/// <param name="Mean">Mean absolute difference, levels.</param>
/// <param name="Worst">Largest absolute difference, levels.</param>
/// <param name="Identical">Share of equal values.</param>
/// <param name="Allowed">Largest mean that passes.</param>
public sealed record OperationDifference(string Case, string Operation, string Source, bool Size, double Mean, int Worst, double Identical, double Allowed)
{
    /// <summary>Same size, and no farther off than is allowed.</summary>
    public bool Passes => Size && Mean <= Allowed;
}
