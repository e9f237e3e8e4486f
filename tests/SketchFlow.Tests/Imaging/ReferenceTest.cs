using System.Text.Json;
using SketchFlow.Imaging;
using SketchFlow.Samples;

namespace SketchFlow.Tests.Imaging;

/// <summary>Operations held against torchvision's and albumentations' own outputs.</summary>
public sealed class ReferenceTest(ITestOutputHelper output)
{
    private const double Allowed = 0.5;

    public static TheoryData<string> Cases()
    {
        var data = new TheoryData<string>();
        if (Folder() is not { } folder)
        {
            data.Add("none");
            return data;
        }

        using var cases = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "cases.json")));
        foreach (var one in cases.RootElement.EnumerateArray())
        {
            data.Add(one.GetRawText());
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Operation_agrees_with_its_reference(string json)
    {
        if (Folder() is not { } folder)
        {
            Assert.Skip("no reference data");
            return;
        }

        using var one = JsonDocument.Parse(json);
        var (input, expected) = (Read(one, folder, "input"), Read(one, folder, "output"));
        using var given = input;
        using var reference = expected;
        using var result = Operation.Apply(one.RootElement.GetProperty("op").GetString()!, one.RootElement.GetProperty("params"), given);
        Assert.Equal((reference.Width, reference.Height), (result.Width, result.Height));
        var (sum, worst) = (0L, 0);
        var pixels = result.Width * result.Height;
        for (var i = 0; i < pixels; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                var difference = Math.Abs(At(result, i, c) - At(reference, i, c));
                sum += difference;
                worst = Math.Max(worst, difference);
            }
        }

        var mean = sum / (3.0 * pixels);
        output.WriteLine($"{one.RootElement.GetProperty("output")}: mean {mean:F4}, worst {worst}, {given.Channels} channels");
        Assert.True(mean <= Allowed, $"{one.RootElement.GetProperty("output")}: mean absolute difference {mean:F3}, allowed {Allowed}");
    }

    private static int At(Pixels pixels, int i, int c) => pixels.Bytes[pixels.Channels == 1 ? i : (i * 3) + c];

    private static Pixels Read(JsonDocument one, string folder, string name)
    {
        var file = one.RootElement.GetProperty(name).GetString()!;
        return Decode.Read(new DecodeOptions(), new Sample(0, file, Path.Combine(folder, file), null)).Value;
    }

    private static string? Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            foreach (var candidate in new[] { Path.Combine(folder.FullName, "shared"), Path.Combine(folder.Parent?.FullName ?? "/", "shared") })
            {
                var found = Path.Combine(candidate, "reference", "augment");
                if (File.Exists(Path.Combine(found, "cases.json")))
                {
                    return found;
                }
            }
        }

        return null;
    }
}
