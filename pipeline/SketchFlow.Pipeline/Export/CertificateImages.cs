using System.Security.Cryptography;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;

namespace SketchFlow.Pipeline.Export;

/// <summary>The built-in drawings on which an exported model is compared with the trained one, decoded and resized as the model's images are.</summary>
internal sealed class CertificateImages : IDisposable
{
    /// <summary>Number of drawings.</summary>
    public const int Count = 32;

    private readonly PreparedBatch _batch;

    /// <summary>Draws the images.</summary>
    /// <param name="decode">Settings of the decoder.</param>
    /// <param name="preparation">Size and treatment of the aspect ratio.</param>
    public CertificateImages(DecodeOptions decode, PadResizeOptions preparation)
    {
        var folder = Directory.CreateTempSubdirectory("sketchflow-export-").FullName;
        try
        {
            var drawings = Path.Combine(folder, "doodles");
            DoodleGenerator.Write(new DoodlesOptions { Classes = Count / 2, TrainPerClass = 2, TestPerClass = 1 }, drawings);
            var train = Path.Combine(drawings, "train");
            string[] files = [.. Directory.GetFiles(train, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            PreparedImage[] images = [.. files.Select(file => PreparedImage.Create(decode, [preparation], new ImageInput(file)))];
            _batch = PreparedBatch.Stack(images);
            Array.ForEach(images, image => image.Dispose());
            Names = [.. files.Select(file => Path.GetRelativePath(train, file))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Names of the drawings.</summary>
    public string[] Names { get; }

    /// <summary>The drawings as the trained model gets them.</summary>
    public PixelBatch Batch => _batch.Sizes[0];

    /// <summary>Returns the SHA-256 of one drawing's bytes in <paramref name="rgb"/>.</summary>
    public static string HashOf(byte[] rgb, int image) =>
        Convert.ToHexStringLower(SHA256.HashData(rgb.AsSpan(image * (rgb.Length / Count), rgb.Length / Count)));

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();
}
