using System.Globalization;
using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Explaining;

/// <summary>The verb <c>explain</c> on small runs, by the real program.</summary>
public sealed class ExplainVerbTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    private const string Header =
        "id,image_path,given_class,predicted_class,probability,method,explained_class,against_class,deletion,insertion,faithfulness,"
        + "road_most_first,road_least_first,road,inside_box,box_area,file";

    [Fact]
    public void The_worst_validation_images_are_explained_in_order_and_every_file_is_written()
    {
        var answer = Run(0, "--run", "one", "--worst", "3", "--json");
        using var json = JsonDocument.Parse(answer.LastLine);
        var root = json.RootElement;
        Assert.Equal((3, 0), (root.GetProperty("images").GetInt32(), root.GetProperty("rejected").GetInt32()));
        Assert.Equal(["gradcam", "finercam"], root.GetProperty("methods").EnumerateArray().Select(m => m.GetProperty("method").GetString()!));
        foreach (var method in root.GetProperty("methods").EnumerateArray())
        {
            var (deletion, insertion) = (method.GetProperty("deletion").GetDouble(), method.GetProperty("insertion").GetDouble());
            Assert.InRange(deletion, 0, 1);
            Assert.InRange(insertion, 0, 1);
            Assert.Equal(insertion - deletion, method.GetProperty("faithfulness").GetDouble(), 1e-9);
        }

        Assert.All(root.GetProperty("methods").EnumerateArray(), method => Assert.InRange(method.GetProperty("road").GetDouble(), -0.5, 0.5));
        var folder = root.GetProperty("folder").GetString()!;
        Assert.Equal(runs.File("reports", "explain", "one"), folder);
        var lines = File.ReadAllLines(Path.Combine(folder, "maps.csv"));
        Assert.Equal(Header, lines[0]);
        Assert.Equal(7, lines.Length);
        var data = DataSetReader.Read(runs.Data).Train.ToDictionary(s => s.ImagePath, StringComparer.Ordinal);
        foreach (var cells in lines[1..].Select(line => line.Split(',')))
        {
            var (most, least, road) = (Number(cells[11]), Number(cells[12]), Number(cells[13]));
            Assert.True(most is >= 0 and <= 1 && least is >= 0 and <= 1, string.Join(',', cells));
            Assert.Equal((least - most) / 2, road, 1e-6);
            var sample = data[cells[1]];
            using var original = ImageDecoder.Read(new DecodeOptions(), sample).Value;
            using var drawn = Decode(Path.Combine(folder, cells[^1]));
            Assert.Equal((original.Width, original.Height), (drawn.Width, drawn.Height));
        }

        var page = File.ReadAllText(Path.Combine(folder, "index.html"));
        Assert.Equal(6, page.Split("<dt>ROAD</dt>").Length - 1);
        Assert.Equal(9, page.Split("src=\"data:image/webp;base64,").Length - 1);
        Assert.Contains("default-src 'none'; img-src data:", page, StringComparison.Ordinal);
        Assert.Contains("report: ", answer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_are_explained_for_a_class_against_another_by_every_method()
    {
        var image = DataSetReader.Read(runs.Data).Test[0].File;
        var classes = DataSetReader.Read(runs.Data).Classes;
        var answer = Run(
            0, image, "--run", "two", "--class", classes[1], "--against", classes[2], "--method", "gradcam", "gradcamplusplus", "hirescam", "layercam",
            "finercam", "occlusion", "--json");
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(6, json.RootElement.GetProperty("methods").GetArrayLength());
        var lines = File.ReadAllLines(runs.File("reports", "explain", "two", "maps.csv"));
        Assert.All(lines[1..], line => Assert.Equal(classes[1], line.Split(',')[6]));
        Assert.Equal(classes[2], lines[5].Split(',')[7]);
        Assert.Contains($"{classes[1]}, not {classes[2]}", File.ReadAllText(runs.File("reports", "explain", "two", "index.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_name_images_of_a_split_and_an_unknown_one_is_refused()
    {
        var test = DataSetReader.Read(runs.Data).Test;
        Run(0, "--run", "one", "--split", "test", "--ids", $"{test[2].Id}", $"{test[0].Id}", "--method", "layercam");
        var lines = File.ReadAllLines(runs.File("reports", "explain", "one", "maps.csv"));
        // The maps of the explanation before are gone.
        Assert.Equal(2, Directory.GetFiles(runs.File("reports", "explain", "one"), "*.png").Length);
        Assert.Equal([test[2].ImagePath, test[0].ImagePath], lines[1..].Select(line => line.Split(',')[1]));
        Assert.Contains("has no test image with the id 99", Run(1, "--run", "one", "--split", "test", "--ids", "99").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--method gradcan", "--method is 'gradcan' (did you mean 'gradcam'?), expected gradcam, ")]
    [InlineData("--worst 0", "--worst is 0, expected a whole number above 0.")]
    [InlineData("--worst 2 --ids 1", "and two of them are given; leave one out.")]
    [InlineData("--split test", "--split test has no labels")]
    [InlineData("--split train", "--split is train, expected val or test.")]
    [InlineData("--run one --class zzz", "--class is zzz, expected a class of the run.")]
    public void A_wrong_option_is_named_with_what_is_expected(string options, string sentence) =>
        Assert.Contains(sentence, Run(2, options.Split(' ')).Error, StringComparison.Ordinal);

    [Fact]
    public void A_method_of_attention_is_refused_for_a_convolutional_network_and_a_damaged_file_is_rejected()
    {
        var refused = Run(1, "--run", "one", "--worst", "1", "--method", "attentionrollout");
        Assert.Contains(
            "resnet18 has no attention over the places of an image; use a method of class activation maps, such as gradcam.", refused.Error,
            StringComparison.Ordinal);
        var damaged = Path.Combine(runs.Root, "damaged.png");
        File.WriteAllText(damaged, "no image");
        Assert.Contains("rejected", Run(3, damaged, "--run", "one").Error, StringComparison.Ordinal);
    }

    private ProgramResult Run(int exitCode, params string[] arguments)
    {
        var answer = ProgramRunner.Run(runs.Artifacts, ["explain", .. arguments]);
        Assert.True(answer.ExitCode == exitCode, answer.ToString());
        return answer;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static Pixels Decode(string file) => ImageDecoder.Read(new DecodeOptions(), new Sample(0, file, file, null)).Value;
}
