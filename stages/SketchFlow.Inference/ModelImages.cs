using SketchFlow.Data.Images;
using SketchFlow.Onnx.Sessions;

namespace SketchFlow.Inference;

/// <summary>Converts batches of pixels to the input of exported models.</summary>
public static class ModelImages
{
    /// <summary>Returns the inputs of a model for a batch.</summary>
    /// <param name="sizes">The images in the size of each input.</param>
    /// <param name="layout">The form in which the model takes images.</param>
    public static OnnxTensor[] ToInputs(IEnumerable<PixelBatch> sizes, ImageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return
        [
            .. sizes.Select((images, i) => layout == ImageLayout.Bytes
                ? OnnxTensor.Of(ExportedModelDescription.InputName(i), ToBytes(images), [images.Count, images.Height, images.Width, 3])
                : OnnxTensor.Of(ExportedModelDescription.InputName(i), ToFloats(images), [images.Count, 3, images.Height, images.Width])),
        ];
    }

    /// <summary>Runs a model on a batch and returns one of its outputs, one row per usable image.</summary>
    internal static float[] Run(OnnxSession session, PreparedBatch batch, ImageLayout layout, string output)
    {
        float[][] groups = [.. batch.Groups.Select(sizes => session.Run(ToInputs(sizes, layout), [output])[0])];
        return groups is [var only] ? only : [.. groups.SelectMany(group => group)];
    }

    /// <summary>Returns 8-bit red, green and blue: (N, H, W, 3).</summary>
    public static byte[] ToBytes(PixelBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var (pixels, channels) = (batch.Buffer, batch.Channels);
        var rgb = new byte[3 * batch.Count * batch.Height * batch.Width];
        if (channels == 1)
        {
            for (int i = 0, j = 0; j < rgb.Length; i++, j += 3)
            {
                rgb[j] = rgb[j + 1] = rgb[j + 2] = pixels[i];
            }
        }
        else
        {
            for (var i = 0; i < rgb.Length; i += 3)
            {
                (rgb[i], rgb[i + 1], rgb[i + 2]) = (pixels[i + 2], pixels[i + 1], pixels[i]);
            }
        }

        return rgb;
    }

    /// <summary>Returns float32 red, green and blue from 0 to 1: (N, 3, H, W).</summary>
    public static float[] ToFloats(PixelBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var (pixels, channels, area) = (batch.Buffer, batch.Channels, batch.Height * batch.Width);
        var planes = new float[3 * batch.Count * area];
        for (var plane = 0; plane < 3 * batch.Count; plane++)
        {
            // Pixels are blue, green, red.
            var at = ((plane / 3) * area * channels) + (channels == 1 ? 0 : 2 - (plane % 3));
            var target = planes.AsSpan(plane * area, area);
            for (var i = 0; i < area; i++)
            {
                target[i] = pixels[at + (i * channels)] / 255f;
            }
        }

        return planes;
    }
}
