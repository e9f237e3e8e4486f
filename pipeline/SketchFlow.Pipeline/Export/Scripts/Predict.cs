#:package Microsoft.ML.OnnxRuntime@1.32.0
#:package SkiaSharp@4.155.0
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@4.155.0
#:property ManagePackageVersionsCentrally=false
#:property PublishAot=false

// Names the classes of images with a model that `sketchflow export` wrote:
//
//     dotnet run Predict.cs -- model.onnx image.png folder/
//
// Needs .NET 10 and nothing of SketchFlow. Images are prepared as the model's metadata says: upright, transparency on white, resized as in training.
// Mean and standard deviation are in the model. SkiaSharp reads JPEG, PNG, WebP, GIF and BMP.
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using SkiaSharp;

if (args.Length < 2)
{
    Console.Error.WriteLine("dotnet run Predict.cs -- model.onnx image.png ...");
    return 2;
}

using var model = new Model(args[0]);
var rejected = 0;
foreach (var file in args.Skip(1).SelectMany(Files))
{
    try
    {
        var top = model.Predict(file).Take(5).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name} {100 * c.Probability:0.00} %"));
        Console.WriteLine($"{file}  {string.Join("  ", top)}");
    }
    catch (Exception e) when (e is IOException or InvalidDataException)
    {
        Console.Error.WriteLine($"{file}: {e.Message}");
        rejected++;
    }
}

return rejected > 0 ? 1 : 0;

static IEnumerable<string> Files(string path) => Directory.Exists(path)
    ? Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
    : [path];

/// <summary>A model with its classes and the preparation of its images.</summary>
internal sealed class Model : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string[] _classes;

    public Model(string path)
    {
        // Newer versions of ONNX Runtime report to their maker unless this is set; .NET's own variables are a copy that native code does not see.
        Environment.SetEnvironmentVariable("ORT_DISABLE_TELEMETRY", "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = setenv("ORT_DISABLE_TELEMETRY", "1", 1);
        }

        _session = new InferenceSession(path);
        _classes = Metadata.TryGetValue("classes", out var classes)
            ? JsonSerializer.Deserialize<string[]>(classes)!
            : throw new InvalidDataException($"{path} was not written by sketchflow export.");
    }

    private Dictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Returns the classes of an image with their probabilities, the most probable first.</summary>
    public IEnumerable<(string Name, float Probability)> Predict(string file)
    {
        var image = Pixels.Read(file);
        var values = _session.InputMetadata.ToDictionary(
            input => input.Key,
            input =>
            {
                using var preparation = JsonDocument.Parse(Metadata[input.Key == "images" ? "preparation" : $"preparation.{input.Key}"]);
                var inside = preparation.RootElement.TryGetProperty("inside", out var value) && value.GetBoolean();
                var square = inside ? image : image.Prepare(preparation.RootElement);
                return input.Value.ElementType == typeof(byte)
                    ? OrtValue.CreateTensorValueFromMemory(square.Bytes, [1, square.Height, square.Width, 3])
                    : OrtValue.CreateTensorValueFromMemory(square.ToPlanes(), [1, 3, square.Height, square.Width]);
            });
        try
        {
            using var options = new RunOptions();
            using var results = _session.Run(options, values.Keys, values.Values, ["probabilities"]);
            var row = results[0].GetTensorDataAsSpan<float>().ToArray();
            return row.Select((p, c) => (_classes[c], p)).OrderByDescending(c => c.p);
        }
        finally
        {
            values.Values.ToList().ForEach(v => v.Dispose());
        }
    }

    public void Dispose() => _session.Dispose();

    [DllImport("libc")]
    private static extern int setenv(string name, string value, int overwrite);
}

/// <summary>Pixels: red, green, blue, row by row.</summary>
internal sealed record Pixels(int Width, int Height, byte[] Bytes)
{
    /// <summary>Reads an image file: upright, transparency on white.</summary>
    public static Pixels Read(string file)
    {
        using var codec = SKCodec.Create(file) ?? throw new InvalidDataException("no image that SkiaSharp reads");
        var info = new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        using var bitmap = new SKBitmap(info);
        if (codec.GetPixels(info, bitmap.GetPixels()) != SKCodecResult.Success)
        {
            throw new InvalidDataException("the image is damaged");
        }

        var rgba = bitmap.GetPixelSpan();
        var rgb = new byte[3 * info.Width * info.Height];
        for (int i = 0, j = 0; j < rgb.Length; i += 4, j += 3)
        {
            var alpha = rgba[i + 3];
            for (var c = 0; c < 3; c++)
            {
                rgb[j + c] = (byte)(((rgba[i + c] * alpha) + (255 * (255 - alpha)) + 127) / 255);
            }
        }

        return new Pixels(info.Width, info.Height, rgb).Upright((int)codec.EncodedOrigin);
    }

    /// <summary>Resizes to the square that the preparation describes.</summary>
    public Pixels Prepare(JsonElement preparation)
    {
        var side = preparation.GetProperty("side").GetInt32();
        switch (preparation.GetProperty("fit").GetString())
        {
            case "Letterbox":
                var scale = (double)side / Math.Max(Width, Height);
                var (width, height) = (Math.Clamp(Round(Width * scale), 1, side), Math.Clamp(Round(Height * scale), 1, side));
                var square = new Pixels(side, side, new byte[3 * side * side]);
                Array.Fill(square.Bytes, preparation.GetProperty("fill").GetByte());
                Resize(width, height, preparation).CopyTo(square, (side - width) / 2, (side - height) / 2);
                return square;
            case "Stretch":
                return Resize(side, side, preparation);
            default:
                var shorter = (int)Math.Floor(side / preparation.GetProperty("crop_percent").GetDouble());
                var (full, tall) = preparation.GetProperty("crop_mode").GetString() == "Squash" ? (shorter, shorter)
                    : Width <= Height ? (shorter, (int)((long)shorter * Height / Width))
                    : ((int)((long)shorter * Width / Height), shorter);
                return Resize(full, tall, preparation).Crop(Round((full - side) / 2.0), Round((tall - side) / 2.0), side);
        }
    }

    /// <summary>Returns float32 red, green and blue planes from 0 to 1.</summary>
    public float[] ToPlanes()
    {
        var (area, planes) = (Width * Height, new float[Bytes.Length]);
        for (var i = 0; i < Bytes.Length; i++)
        {
            planes[(i % 3 * area) + (i / 3)] = Bytes[i] / 255f;
        }

        return planes;
    }

    // Area averages along axes that shrink and interpolation along axes that grow, or one of Pillow's antialiased filters.
    private Pixels Resize(int width, int height, JsonElement preparation)
    {
        Func<double, double>? filter = preparation.GetProperty("interpolation").GetString() switch
        {
            "Bilinear" => Linear,
            "Bicubic" => x => Cubic(x, -0.5),
            "Lanczos" => x => x == 0 ? 1 : x >= 3 ? 0 : 3 * Math.Sin(Math.PI * x) * Math.Sin(Math.PI * x / 3) / (Math.PI * Math.PI * x * x),
            _ => null,
        };
        if (filter is not null)
        {
            var reach = preparation.GetProperty("interpolation").GetString() switch { "Bilinear" => 1.0, "Bicubic" => 2, _ => 3 };
            // Pillow rounds after each axis; area averages and interpolation are rounded once.
            return Multiply(Filter(Width, width, filter, reach), null).Multiply(null, Filter(Height, height, filter, reach));
        }

        var cubic = preparation.GetProperty("upsampling").GetString() == "Cubic";
        return Multiply(Area(Width, Math.Min(width, Width)), Area(Height, Math.Min(height, Height)))
            .Multiply(Interpolation(Math.Min(width, Width), width, cubic), Interpolation(Math.Min(height, Height), height, cubic));
    }

    private static List<(int From, double Weight)>[] Area(int old, int size)
    {
        var scale = (double)old / size;
        return Weights(size, i =>
        {
            var (start, end) = (i * scale, (i + 1) * scale);
            return Range((int)start, (int)Math.Ceiling(end), old).Select(j => (j, (Math.Min(end, j + 1) - Math.Max(start, j)) / scale));
        });
    }

    private static List<(int From, double Weight)>[] Interpolation(int old, int size, bool cubic) => Weights(size, i =>
    {
        var centre = ((i + 0.5) * old / size) - 0.5;
        var floor = (int)Math.Floor(centre);
        return Enumerable.Range(floor - 1, 4).Select(j =>
            (Math.Clamp(j, 0, old - 1), cubic ? Cubic(Math.Abs(centre - j), -0.75) : Linear(Math.Abs(centre - j))));
    });

    private static List<(int From, double Weight)>[] Filter(int old, int size, Func<double, double> filter, double reach) => Weights(size, i =>
    {
        var scale = (double)old / size;
        var stretch = Math.Max(scale, 1);
        var centre = (i + 0.5) * scale;
        var taps = Range((int)Math.Max(centre - (reach * stretch) + 0.5, 0), (int)(centre + (reach * stretch) + 0.5), old)
            .Select(j => (From: j, Weight: filter(Math.Abs((j - centre + 0.5) / stretch)))).ToList();
        var sum = taps.Sum(t => t.Weight);
        return taps.Select(t => (t.From, t.Weight / sum));
    });

    private static IEnumerable<int> Range(int from, int to, int length) => Enumerable.Range(from, Math.Min(to, length) - from);

    private static List<(int, double)>[] Weights(int size, Func<int, IEnumerable<(int, double)>> taps) =>
        [.. Enumerable.Range(0, size).Select(i => taps(i).ToList())];

    private static double Linear(double x) => Math.Max(1 - x, 0);

    private static double Cubic(double x, double a) =>
        x <= 1 ? (((((a + 2) * x) - (a + 3)) * x * x) + 1) : x < 2 ? (((((a * x) - (5 * a)) * x) + (8 * a)) * x) - (4 * a) : 0;

    private static int Round(double x) => (int)Math.Round(x, MidpointRounding.ToEven);

    private static byte Level(double x) => (byte)Math.Clamp(Math.Floor(x + 0.5), 0, 255);

    private Pixels Multiply(List<(int From, double Weight)>[]? columns, List<(int From, double Weight)>[]? rows)
    {
        var (width, height) = (columns?.Length ?? Width, rows?.Length ?? Height);
        var narrow = new double[3 * width * Height];
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    narrow[(3 * ((y * width) + x)) + c] = columns is null
                        ? Bytes[(3 * ((y * Width) + x)) + c]
                        : columns[x].Sum(t => t.Weight * Bytes[(3 * ((y * Width) + t.From)) + c]);
                }
            }
        }

        var result = new byte[3 * width * height];
        for (var y = 0; y < height; y++)
        {
            for (var i = 0; i < 3 * width; i++)
            {
                result[(y * 3 * width) + i] = Level(rows is null ? narrow[(y * 3 * width) + i] : rows[y].Sum(t => t.Weight * narrow[(t.From * 3 * width) + i]));
            }
        }

        return new Pixels(width, height, result);
    }

    private void CopyTo(Pixels target, int left, int top)
    {
        for (var y = 0; y < Height; y++)
        {
            Bytes.AsSpan(3 * y * Width, 3 * Width).CopyTo(target.Bytes.AsSpan(3 * (((top + y) * target.Width) + left)));
        }
    }

    private Pixels Crop(int left, int top, int side)
    {
        var square = new Pixels(side, side, new byte[3 * side * side]);
        for (var y = 0; y < side; y++)
        {
            Bytes.AsSpan(3 * (((top + y) * Width) + left), 3 * side).CopyTo(square.Bytes.AsSpan(3 * y * side));
        }

        return square;
    }

    // The orientation of EXIF, 1 to 8: values above 4 exchange rows and columns.
    private Pixels Upright(int orientation)
    {
        if (orientation is < 2 or > 8)
        {
            return this;
        }

        var (width, height) = orientation > 4 ? (Height, Width) : (Width, Height);
        var upright = new Pixels(width, height, new byte[Bytes.Length]);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var (fromX, fromY) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, width - 1 - x),
                    7 => (height - 1 - y, width - 1 - x),
                    _ => (height - 1 - y, x),
                };
                Bytes.AsSpan(3 * ((fromY * Width) + fromX), 3).CopyTo(upright.Bytes.AsSpan(3 * ((y * width) + x)));
            }
        }

        return upright;
    }
}
