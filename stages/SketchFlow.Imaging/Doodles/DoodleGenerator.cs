using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Files;
using SketchFlow.Data.Machine;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Imaging.Doodles;

/// <summary>
/// Draws the built-in data set in the competition's layout: <c>train.csv</c>, <c>train/CLASS/N.jpg</c>, <c>test.csv</c>, <c>test/N.jpg</c>,
/// <c>sample_submission.csv</c>; and <c>test_labels.csv</c>, which no reader of the layout looks at.
/// </summary>
/// <remarks>
/// The drawings have what made the real ones hard: uneven brightness, watermarks and text, tall and wide shapes, mirrored twins,
/// thick and thin lines, some colour. About 200 images a second and core.
/// </remarks>
public static partial class DoodleGenerator
{
    /// <summary>Changes whenever other bytes come out for the same options.</summary>
    private const int Version = 1;

    private const string ManifestName = "doodles.json";

    /// <summary>Writes the data set to <paramref name="folder"/>, whole or not at all; a complete one of the same options is left as it is.</summary>
    /// <param name="options">What to draw.</param>
    /// <param name="folder">Made when it is missing. An older set of doodles in it is replaced; anything else is refused.</param>
    /// <param name="progress">Told (images done, images in all), from several threads.</param>
    /// <param name="cancellation">Stops between two images; nothing is left behind.</param>
    /// <returns>True when it was drawn, false when it was there.</returns>
    /// <exception cref="RefusalException">The options are out of range, or the folder holds something else.</exception>
    public static bool Write(DoodlesOptions options, string folder, Action<int, int>? progress = null, CancellationToken cancellation = default)
    {
        Check(options);
        folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        var manifest = CreateManifest(options);
        var kept = Path.Combine(folder, ManifestName);
        if (File.Exists(kept) && string.Equals(File.ReadAllText(kept), manifest, StringComparison.Ordinal))
        {
            return false;
        }

        if (File.Exists(folder) || (Directory.Exists(folder) && !File.Exists(kept) && Directory.EnumerateFileSystemEntries(folder).Any()))
        {
            throw new RefusalException($"{folder} exists and is no set of doodles; name an empty or a new folder.");
        }

        var temporary = $"{folder}.{Environment.ProcessId}.tmp";
        try
        {
            Draw(options, temporary, progress, cancellation);
            WholeFile.WriteText(Path.Combine(temporary, ManifestName), manifest);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            Directory.Move(temporary, folder);
            return true;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    /// <summary>Draws one image of the set: JPEG bytes.</summary>
    /// <param name="seed">The set's seed.</param>
    /// <param name="subject">Class number.</param>
    /// <param name="number">Number within the class, training and test counted on.</param>
    public static byte[] Draw(long seed, int subject, int number)
    {
        var id = ((long)subject << 32) + number;
        var hand = KeyedRandom.For(seed, 0, id, "hand");

        // Mirrored twins: the neighbour's drawing, turned about and saved anew.
        var twin = number > 0 && hand.Happens(0.08);
        var quality = hand.NextInteger(80, 96);
        return Render(KeyedRandom.For(seed, 0, twin ? id - 1 : id, "doodle"), Subjects[subject].Draw, twin, quality);
    }

    private static void Check(DoodlesOptions options)
    {
        if (options.Classes < 2 || options.Classes > Classes.Length)
        {
            throw new RefusalException($"{options.Classes} classes were asked for; doodles have 2 to {Classes.Length}.");
        }

        if (options.TrainPerClass is < 1 or > 100_000 || options.TestPerClass is < 0 or > 100_000)
        {
            throw new RefusalException($"{options.TrainPerClass} training and {options.TestPerClass} test images a class were asked for; 1 to 100000 and 0 to 100000 can be drawn.");
        }
    }

    private static string CreateManifest(DoodlesOptions options) => JsonSerializer.Serialize(
        new { version = Version, classes = options.Classes, train_per_class = options.TrainPerClass, test_per_class = options.TestPerClass, seed = options.Seed });

    private static void Draw(DoodlesOptions options, string folder, Action<int, int>? progress, CancellationToken cancellation)
    {
        var (train, test) = (options.Classes * options.TrainPerClass, options.Classes * options.TestPerClass);
        var hidden = Enumerable.Range(0, test).ToArray();
        var order = KeyedRandom.For(options.Seed, 0, 0, "test order");
        order.Shuffle(hidden.AsSpan());
        Directory.CreateDirectory(Path.Combine(folder, "test"));
        for (var c = 0; c < options.Classes; c++)
        {
            Directory.CreateDirectory(Path.Combine(folder, "train", Classes[c]));
        }

        var done = 0;
        var parallel = new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = options.Workers > 0 ? options.Workers : Environment.ProcessorCount };
        Parallel.For(0, train + test, parallel, i =>
        {
            if (i < train)
            {
                var (c, n) = (i / options.TrainPerClass, i % options.TrainPerClass);
                File.WriteAllBytes(Path.Combine(folder, "train", TrainPath(c, n)), Draw(options.Seed, c, n));
            }
            else
            {
                var which = hidden[i - train];
                var (c, n) = (which / options.TestPerClass, options.TrainPerClass + (which % options.TestPerClass));
                File.WriteAllBytes(Path.Combine(folder, "test", $"{i - train}.jpg"), Draw(options.Seed, c, n));
            }

            progress?.Invoke(Interlocked.Increment(ref done), train + test);
        });

        CsvFile.Write(Path.Combine(folder, "train.csv"), Enumerable.Range(0, train).Select(i => (Class: i / options.TrainPerClass, Number: i % options.TrainPerClass))
            .Select(t => new { class_name = Classes[t.Class], image_path = TrainPath(t.Class, t.Number), target = t.Class }));
        CsvFile.Write(Path.Combine(folder, "test.csv"), Enumerable.Range(0, test).Select(i => new { image_path = $"{i}.jpg" }));
        CsvFile.Write(Path.Combine(folder, "sample_submission.csv"), Enumerable.Range(0, test).Select(i => new { ID = i, image_path = $"{i}.jpg", target = 0 }));
        CsvFile.Write(Path.Combine(folder, "test_labels.csv"), Enumerable.Range(0, test).Select(i => new { image_path = $"{i}.jpg", target = hidden[i] / options.TestPerClass }));

        static string TrainPath(int c, int n) => string.Create(CultureInfo.InvariantCulture, $"{Classes[c]}/{n}.jpg");
    }
}
