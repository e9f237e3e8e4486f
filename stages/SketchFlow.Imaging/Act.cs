using SketchFlow.Samples;

namespace SketchFlow.Imaging;

/// <summary>A concrete thing to do to one image, with nothing left to chance.</summary>
public abstract record Act
{
    private Act() { }

    /// <summary>Moves pixels: neighbouring warps multiply into one, with one interpolation.</summary>
    /// <param name="Matrix">Where a point of the input comes to lie.</param>
    /// <param name="Size">Size of the output.</param>
    /// <param name="Fill">Level of what comes in from outside.</param>
    public sealed record Warp(Affine Matrix, Extent Size, byte Fill = 255) : Act;

    /// <summary>Maps levels through a table of 256 entries, every channel alike: neighbouring tables fuse into one.</summary>
    public sealed record Tone(byte[] Table) : Act;

    /// <summary>Anything else, size and channel count kept: new pixels from old ones, which are not changed.</summary>
    public sealed record Paint(Func<Pixels, Pixels> Run) : Act;
}
