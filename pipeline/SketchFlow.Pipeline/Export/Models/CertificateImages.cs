using System.Security.Cryptography;
using SketchFlow.Data.Files;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;

namespace SketchFlow.Pipeline.Export.Models;

/// <summary>The built-in drawings on which an exported model is compared with the trained one, decoded and resized as the model's images are.</summary>
internal sealed class CertificateImages : IDisposable
{
    /// <summary>Number of drawings.</summary>
    public const int Count = 32;

    // Small batches, so that the feature maps of large models stay small.
    private const int PerBatch = 8;

    private readonly List<PreparedBatch> _batches = [];

    /// <summary>Draws the images.</summary>
    /// <param name="decode">Settings of the decoder.</param>
    /// <param name="sizes">Sizes and treatments of the aspect ratio.</param>
    public CertificateImages(DecodeOptions decode, IReadOnlyList<PadResizeOptions> sizes)
    {
        var folder = DeadTemporaries.CreateFolder("drawings");
        try
        {
            var drawings = Path.Combine(folder, "doodles");
            DoodleGenerator.Write(new DoodlesOptions { Classes = Count / 2, TrainPerClass = 2, TestPerClass = 1 }, drawings);
            var train = Path.Combine(drawings, "train");
            string[] files = [.. Directory.GetFiles(train, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
            foreach (var chunk in files.Chunk(PerBatch))
            {
                PreparedImage[] images = [.. chunk.Select(file => PreparedImage.Create(decode, sizes, new ImageInput(file)))];
                First ??= PreparedBatch.Stack(images[..1]);
                _batches.Add(PreparedBatch.Stack(images));
                Array.ForEach(images, image => image.Dispose());
            }

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
    public IReadOnlyList<PreparedBatch> Batches => _batches;

    /// <summary>The first drawing as a batch of its own.</summary>
    public PreparedBatch? First { get; }

    /// <summary>Returns the SHA-256 of each drawing's bytes in the first size.</summary>
    public IEnumerable<string> Hashes() => _batches.SelectMany(batch =>
    {
        var rgb = ModelImages.ToBytes(batch.Sizes[0]);
        return rgb.Chunk(rgb.Length / batch.Sizes[0].Count).Select(image => Convert.ToHexStringLower(SHA256.HashData(image)));
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        First?.Dispose();
        _batches.ForEach(batch => batch.Dispose());
    }
}
