using System.Buffers;
using OpenCvSharp;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Decoding.Headers;
using SketchFlow.Imaging.OpenCv;

namespace SketchFlow.Imaging.Decoding;

/// <summary>
/// Decodes image files. Bad data is a value: for any bytes the outcome is pixels or a rejection with a short reason.
/// </summary>
/// <remarks>
/// An image whose channels are equal in every pixel becomes one channel, however it was stored. The EXIF orientation is always applied, transparency
/// is composited on white, 16 bits become 8 (value / 257, rounded).
/// </remarks>
public static partial class ImageDecoder
{
    // Cameras and encoders write about ten scans. Each costs time for all pixels, however few bytes it has.
    private const int MaxScans = 200;

    // Scans of an image at the limit of pixels.
    private const int MaxScansAtLimit = 20;

    /// <summary>Reads and decodes the file of <paramref name="sample"/>.</summary>
    /// <returns>Pixels of 1 or 3 channels, which the caller owns; or a rejection with the reason.</returns>
    public static Outcome<Pixels> Read(DecodeOptions options, Sample sample)
    {
        if (sample.Fault is { } fault)
        {
            return sample.Reject(fault);
        }

        byte[]? buffer = null;
        try
        {
            if (FileLength.Find(sample.File) == 0)
            {
                return sample.Reject("empty file");
            }

            using var handle = File.OpenHandle(sample.File);
            var (start, length) = sample.Section is { } section ? (section.Offset, (long)section.Length) : (0L, RandomAccess.GetLength(handle));
            if (length > Math.Min(options.MaxBytes, Array.MaxLength))
            {
                return sample.Reject($"file of {length} bytes, expected at most {options.MaxBytes}");
            }

            buffer = ArrayPool<byte>.Shared.Rent((int)length);
            var read = 0;
            while (read < length && RandomAccess.Read(handle, buffer.AsSpan(read, (int)length - read), start + read) is > 0 and var more)
            {
                read += more;
            }

            var cacheKey = options.RememberGrey ? new GreyscaleCacheKey(length, File.GetLastWriteTimeUtc(handle).Ticks, 1) : default(GreyscaleCacheKey?);
            return Run(options, sample, buffer.AsSpan(0, read), cacheKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return sample.Reject(ReasonFor(e, sample.File));
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Decodes bytes that are already in memory, such as an image column of a Parquet shard.</summary>
    /// <returns>Pixels of 1 or 3 channels, which the caller owns; or a rejection with the reason.</returns>
    public static Outcome<Pixels> Read(DecodeOptions options, Sample sample, ReadOnlySpan<byte> bytes)
    {
        if (sample.Fault is { } fault)
        {
            return sample.Reject(fault);
        }

        return bytes.IsEmpty ? sample.Reject("empty file") : Run(options, sample, bytes, null);
    }

    private static string ReasonFor(Exception e, string path) => e switch
    {
        _ when Directory.Exists(path) => "a folder, not a file",
        FileNotFoundException or DirectoryNotFoundException => "no such file",
        UnauthorizedAccessException => "no permission to read",
        ArgumentException => "not a file name",
        _ => $"cannot be read: {e.Message.Replace(path, Path.GetFileName(path), StringComparison.Ordinal)}",
    };

    private static string NotDecoded(ReadOnlySpan<byte> bytes) => FileKind.Recognise(bytes) switch
    {
        null => "not an image (JPEG, PNG, BMP, GIF, WebP or TIFF)",
        { IsImage: true } kind => $"{kind.Name}, which is not supported; convert it to PNG or JPEG",
        var kind => kind.InsteadOf("an image"),
    };

    private static Outcome<Pixels> Run(DecodeOptions options, Sample sample, ReadOnlySpan<byte> bytes, GreyscaleCacheKey? cacheKey)
    {
        if (HeaderReader.Read(bytes) is not { } header)
        {
            return sample.Reject(NotDecoded(bytes));
        }

        // Sizes are checked before completeness, so that a truncated decompression bomb is reported as too large.
        if ((long)header.Width * header.Height > options.MaxPixels)
        {
            return sample.Reject($"{header.Width}x{header.Height} pixels announced, more than {options.MaxPixels}");
        }

        if (header.Fault is { } fault)
        {
            return sample.Reject(fault);
        }

        if (header.Width < 1 || header.Height < 1)
        {
            return sample.Reject($"damaged {Name(header)}: {header.Width}x{header.Height} pixels announced");
        }

        if (!TestedLayout.Includes(header.Layout))
        {
            // Every layout that the PNG specification allows is decoded.
            return sample.Reject(
                header.Format == ImageFormat.Png
                    ? "damaged PNG: its header has an unknown colour type, depth or method"
                    : ImageHeader.NotSupported(header.Format, $"{header.Layout}"));
        }

        if ((long)header.Width * header.Height * 4 > Array.MaxLength)
        {
            return sample.Reject($"{header.Width}x{header.Height} pixels announced, more than fit into memory");
        }

        if (header.Scans > MaxScans || (long)header.Width * header.Height * header.Scans > MaxScansAtLimit * options.MaxPixels)
        {
            return sample.Reject($"{header.Scans} scans of {header.Width}x{header.Height} pixels, more than are decoded");
        }

        if (DecodeHere(sample, header, bytes) is { } decoded)
        {
            return decoded;
        }

        var isReduced = header.Format == ImageFormat.Jpeg && options.ReducedDecoding;
        var scale = isReduced ? Reduction(Math.Max(header.Width, header.Height), options.TargetSide) : 1;
        cacheKey = header is { Format: ImageFormat.Jpeg, Components: 3 } && cacheKey is { } m ? m with { Scale = scale } : null;
        var knownGrey = header.Components == 1 || (cacheKey is { } key && IsKnownGrey(KeyOf(sample), key));
        return DecodeByOpenCv(sample, header, bytes, scale, (knownGrey, knownGrey ? null : cacheKey));
    }

    /// <summary>Decodes a file by OpenCV.</summary>
    /// <param name="sample">Sample of the file.</param>
    /// <param name="header">The file's header.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="scale">Divisor of the size.</param>
    /// <param name="grey">Whether the image is known to be grey, and the key under which a colour file is remembered as grey.</param>
    private static Outcome<Pixels> DecodeByOpenCv(
        Sample sample, ImageHeader header, ReadOnlySpan<byte> bytes, int scale, (bool IsKnown, GreyscaleCacheKey? CacheKey) grey)
    {
        MatView.Initialize();
        try
        {
            JpegMessages.Clear();
            using var mat = Cv2.ImDecode(bytes, ModeFor(header, scale, grey.IsKnown));
            if (mat.Empty())
            {
                return sample.Reject($"damaged {Name(header)}");
            }

            return DecodingWarnings.Check(sample, JpegMessages.Read()) is { } damage ? sample.Reject(damage) : ToPixels(sample, header, mat, grey.CacheKey);
        }
        catch (Exception e) when (e is OpenCVException or OpenCvSharpException)
        {
            return sample.Reject($"damaged {Name(header)}");
        }
    }

    /// <summary>Returns the largest of 1, 2, 4 and 8 that divides <paramref name="longest"/> to at least <paramref name="target"/>.</summary>
    private static int Reduction(int longest, int target)
    {
        var scale = 1;
        while (scale < 8 && longest / (scale * 2) >= target)
        {
            scale *= 2;
        }

        return scale;
    }

    private static ImreadModes ModeFor(ImageHeader header, int scale, bool grey)
    {
        if (header.Format != ImageFormat.Jpeg && (header.Alpha || header.Bits > 8))
        {
            return ImreadModes.Unchanged;
        }

        // The orientation is applied here in the same way for every format, whereas OpenCV's behaviour depends on the reading mode.
        return ImreadModes.IgnoreOrientation | (scale, grey) switch
        {
            (2, true) => ImreadModes.ReducedGrayscale2,
            (2, false) => ImreadModes.ReducedColor2,
            (4, true) => ImreadModes.ReducedGrayscale4,
            (4, false) => ImreadModes.ReducedColor4,
            (8, true) => ImreadModes.ReducedGrayscale8,
            (8, false) => ImreadModes.ReducedColor8,
            (_, true) => ImreadModes.Grayscale,
            _ => ImreadModes.Color,
        };
    }

    private static string Name(ImageHeader header) => LayoutWords.For(header.Format);
}
