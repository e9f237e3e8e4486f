using SketchFlow.Data.Images;
using SketchFlow.Imaging.Kernels;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>A concrete image operation: all random parameters are already drawn.</summary>
public abstract record PixelOp
{
    private PixelOp() { }

    /// <summary>Moves pixels by an affine map; consecutive geometric operations are fused into one interpolation.</summary>
    /// <param name="Matrix">The map from points of the input to points of the output.</param>
    /// <param name="Size">Size of the output.</param>
    /// <param name="Fill">Level of the pixels outside of the input.</param>
    public sealed record Affine(AffineMap Matrix, ImageSize Size, byte Fill = 255) : PixelOp;

    /// <summary>Moves pixels by any other map and keeps the size; fused with its geometric neighbours like <see cref="Affine"/>.</summary>
    /// <param name="Inverse">The map from points of the output to points of the input.</param>
    /// <param name="Fill">Level of the pixels outside of the input.</param>
    public sealed record Remap(InverseMap Inverse, byte Fill = 255) : PixelOp;

    /// <summary>Maps the levels of every channel through one table of 256 entries; consecutive tables are fused into one.</summary>
    public sealed record LevelMap(byte[] Table) : PixelOp;

    /// <summary>Any other operation that keeps the size and the channels: returns new pixels and does not change its input.</summary>
    public sealed record Custom(Func<Pixels, Pixels> Run) : PixelOp;
}
