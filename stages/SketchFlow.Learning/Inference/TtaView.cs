using TorchSharp;

namespace SketchFlow.Learning.Inference;

/// <summary>View of an image in test-time augmentation: a part of it, mirrored or not.</summary>
/// <param name="Position">Part of the image.</param>
/// <param name="Horizontal">Whether left and right are exchanged.</param>
/// <param name="Vertical">Whether top and bottom are exchanged.</param>
public sealed record TtaView(CropPosition Position = CropPosition.Whole, bool Horizontal = false, bool Vertical = false)
{
    /// <summary>The unchanged image.</summary>
    public static TtaView Plain { get; } = new();

    /// <summary>Takes the view of every image of a batch.</summary>
    /// <param name="images">(N, 3, H, W), channels last in memory.</param>
    /// <param name="side">Height and width of a crop.</param>
    /// <returns>(N, 3, side, side), channels last in memory; the same tensor for the plain view.</returns>
    internal torch.Tensor Apply(torch.Tensor images, int side)
    {
        var view = images;
        if (Position != CropPosition.Whole)
        {
            var (height, width) = (images.shape[2] - side, images.shape[3] - side);
            var (y, x) = Position switch
            {
                CropPosition.Centre => (height / 2, width / 2),
                CropPosition.TopLeft => (0, 0),
                CropPosition.TopRight => (0, width),
                CropPosition.BottomLeft => (height, 0),
                _ => (height, width),
            };
            view = view.narrow(2, y, side).narrow(3, x, side).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        }

        view = Horizontal ? view.flip(3) : view;
        return Vertical ? view.flip(2) : view;
    }

    /// <summary>Names the view, such as <c>whole</c>, <c>hflip</c> or <c>top-left-hflip</c>.</summary>
    public override string ToString()
    {
        string[] parts =
        [
            Position switch
            {
                CropPosition.Whole => "",
                CropPosition.Centre => "centre",
                CropPosition.TopLeft => "top-left",
                CropPosition.TopRight => "top-right",
                CropPosition.BottomLeft => "bottom-left",
                _ => "bottom-right",
            },
            Horizontal ? "hflip" : "",
            Vertical ? "vflip" : "",
        ];
        return string.Join('-', parts.Where(p => p.Length > 0)) is { Length: > 0 } name ? name : "whole";
    }
}
