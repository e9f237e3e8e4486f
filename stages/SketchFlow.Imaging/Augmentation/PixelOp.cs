using SketchFlow.Data.Images;

namespace SketchFlow.Imaging.Augmentation;

/// <summary>A concrete thing to do to one image, with nothing left to chance.</summary>
public abstract record PixelOp
{
    private PixelOp() { }

    /// <summary>Moves pixels by an affine map: neighbouring geometric acts become one, with one interpolation.</summary>
    /// <param name="Matrix">Where a point of the input comes to lie.</param>
    /// <param name="Size">Size of the output.</param>
    /// <param name="Fill">Level of what comes in from outside.</param>
    public sealed record Affine(AffineMap Matrix, ImageSize Size, byte Fill = 255) : PixelOp;

    /// <summary>Moves pixels by any other map, the size kept: joins its geometric neighbours as a warp does.</summary>
    /// <param name="Back">Takes points of the output to where they lie in the input.</param>
    /// <param name="Fill">Level of what comes in from outside.</param>
    public sealed record Remap(InverseMap Back, byte Fill = 255) : PixelOp;

    /// <summary>Maps levels through a table of 256 entries, every channel alike: neighbouring tables fuse into one.</summary>
    public sealed record LevelMap(byte[] Table) : PixelOp;

    /// <summary>Anything else, size and channel count kept: new pixels from old ones, which are not changed.</summary>
    public sealed record Custom(Func<Pixels, Pixels> Run) : PixelOp;
}
