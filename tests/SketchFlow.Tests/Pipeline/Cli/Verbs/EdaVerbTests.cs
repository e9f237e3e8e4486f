using System.Globalization;
using System.Text.Json;
using CsvHelper;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Files;
using SketchFlow.Data.Images;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Imaging.Kernels;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Tests.Imaging.Duplicates;

namespace SketchFlow.Tests.Pipeline.Cli.Verbs;

/// <summary>The verb <c>eda</c> on a data set with planted facts.</summary>
public sealed class EdaVerbTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sketchflow-eda-").FullName;

    private string Artifacts => Path.Combine(_root, "artifacts");

    private string Data => Path.Combine(_root, "drawings");

    [Fact]
    public void Planted_twins_a_dark_image_and_a_broken_file_are_found_and_shown()
    {
        var set = Doodles(train: 10, test: 3);
        Sample[] train = [.. set.Train.Where(s => s.Target == 0)];
        var other = set.Train.First(s => s.Target == 1);
        Replace(train[1], train[0], PlantedTwins.Mirror);
        Replace(train[2], train[0], p => PlantedTwins.Levels(p, v => 255 - v));
        Replace(train[4], train[3], p => StrokeWidth.Thicken(p, 3));
        Replace(train[6], train[6], p => PlantedTwins.Levels(p, v => 0.1 * v));
        File.Copy(train[7].File, set.Test[0].File, overwrite: true);
        File.Copy(train[8].File, other.File, overwrite: true);
        File.WriteAllBytes(train[9].File, File.ReadAllBytes(train[9].File)[..200]);

        var answer = ProgramRunner.RunWithEnvironment(
            Artifacts, new(StringComparer.Ordinal) { ["COLUMNS"] = "80" }, null, "eda", "--data", Data, "--json");
        Assert.True(answer.ExitCode == 3, answer.ToString());
        Assert.All(answer.Output.Split('\n')[..^2], line => Assert.True(TerminalWidth.Of(line) <= 80 || line.Contains(_root, StringComparison.Ordinal), line));
        using var json = JsonDocument.Parse(answer.LastLine);
        var summary = json.RootElement.GetProperty("summary");
        Assert.Equal(
            (set.Train.Length + set.Test.Length - 1, 1), (summary.GetProperty("images").GetInt32(), summary.GetProperty("rejected").GetInt32()));

        var twins = Rows("twins.csv");
        Assert.Equal("mirrored", Kind(train[0], train[1]));
        Assert.Equal("inverted", Kind(train[0], train[2]));
        Assert.Equal("thickened", Kind(train[3], train[4]));
        Assert.Equal("exact", Kind(train[7], set.Test[0]));
        Assert.Equal(("True", "train", "test"), Find(train[7], set.Test[0], "across_splits", "first_split", "second_split"));
        Assert.Equal(("True", "True", set.Classes[1]), Find(train[8], other, "across_classes", "same_file", "second_class"));
        Assert.Equal(twins.Count(t => t["across_splits"] == "True"), summary.GetProperty("twins_across_splits").GetInt32());

        var dark = Rows("eda.csv").Single(r => r["split"] == "train" && r["image_path"] == train[6].ImagePath);
        Assert.Contains("brightness_low", dark["unusual"], StringComparison.Ordinal);
        Assert.Equal("JPEG", Rows("eda.csv").Single(r => r["split"] == "train" && r["image_path"] == train[8].ImagePath)["format"]);
        var broken = Assert.Single(Rows("rejected.csv"));
        Assert.Equal(("train", train[9].ImagePath), (broken["split"], broken["image_path"]));

        var page = File.ReadAllText(json.RootElement.GetProperty("report").GetString()!);
        Assert.Contains("src=\"data:image/webp;base64,", page, StringComparison.Ordinal);
        Assert.Contains($"<td>{broken["reason"]}</td>", page, StringComparison.Ordinal);
        Assert.Contains("data-kind=\"same file\" data-relations=\"train and test\"", page, StringComparison.Ordinal);
        Assert.Contains("data-relations=\"within train|other class\"", page, StringComparison.Ordinal);
        Assert.All(set.Classes, name => Assert.Contains($"<h3>{name}</h3>", page, StringComparison.Ordinal));

        string? Kind(Sample a, Sample b) => twins.SingleOrDefault(t => t["first_path"] == a.ImagePath && t["second_path"] == b.ImagePath)?["kind"];

        (string, string, string) Find(Sample a, Sample b, string x, string y, string z)
        {
            var twin = twins.Single(t => t["first_path"] == a.ImagePath && t["second_path"] == b.ImagePath);
            return (twin[x], twin[y], twin[z]);
        }
    }

    [Fact]
    public void The_files_have_the_documented_columns_and_the_summary_is_written_as_JSON()
    {
        var set = Doodles(train: 3, test: 1);
        Assert.Equal(0, ProgramRunner.Run(Artifacts, "eda", "--data", Data).ExitCode);
        Assert.Equal(
            "split,id,image_path,class,format,bytes,width,height,aspect,brightness,contrast,colour,ink_share,stroke_width,dark_paper,unusual",
            File.ReadLines(FileOf("eda.csv")).First());
        Assert.Equal(
            "kind,correlation,same_file,across_splits,across_classes,first_split,first_id,first_path,first_class,second_split,second_id,second_path,"
            + "second_class",
            File.ReadLines(FileOf("twins.csv")).First());
        Assert.Equal(set.Train.Length + set.Test.Length, Rows("eda.csv").Count);
        Assert.Equal("split,id,image_path,class,x,y,neighbours", File.ReadLines(FileOf("map.csv")).First());
        Assert.Equal(Rows("eda.csv").Select(r => (r["split"], r["id"])), Rows("map.csv").Select(r => (r["split"], r["id"])));
        Assert.All(Rows("map.csv"), r => Assert.Equal(5, r["neighbours"].Split(';').Except([$"{r["split"]}:{r["id"]}"]).Count()));
        Assert.False(File.Exists(FileOf("rejected.csv")));
        using var json = JsonDocument.Parse(File.ReadAllText(FileOf("eda.json")));
        Assert.Equal(set.Train.Length, json.RootElement.GetProperty("splits").GetProperty("train").GetInt32());
        Assert.Equal(5, json.RootElement.GetProperty("quartiles").GetProperty("stroke_width").GetArrayLength());
        Assert.Equal(set.Train.Length + set.Test.Length, json.RootElement.GetProperty("mapped").GetInt32());
    }

    [Fact]
    public void Two_classes_of_one_subject_resemble_each_other()
    {
        var set = Doodles(train: 24, test: 1);
        var mixed = Path.Combine(_root, "mixed");
        foreach (var (sample, at) in set.Train.Where(s => s.Target < 2).Select((s, at) => (s, at)))
        {
            // Drawings of the first subject are divided into two classes.
            var folder = Directory.CreateDirectory(Path.Combine(mixed, "train", sample.Target == 1 ? "other" : at % 2 == 0 ? "even" : "odd")).FullName;
            File.Copy(sample.File, Path.Combine(folder, $"{at}.jpg"));
        }

        Assert.Equal(0, ProgramRunner.Run(Artifacts, "eda", "--data", mixed).ExitCode);
        var pairs = Rows("similar-classes.csv", "mixed");
        Assert.Equal(("even", "odd"), (pairs[0]["first"], pairs[0]["second"]));
        Assert.All(pairs.Skip(1), p => Assert.True(Share(p) < Share(pairs[0])));
        Assert.Contains("Classes that resemble each other", File.ReadAllText(FileOf("index.html", "mixed")), StringComparison.Ordinal);

        static double Share(Dictionary<string, string> pair) => double.Parse(pair["share"], CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Class_names_in_any_script_are_shown_and_hostile_ones_are_harmless()
    {
        const string Attack = "<img src=x onerror=alert(1)>'&{{ 7 | times: 6 }}";
        var image = ImageEncoder.ToPng(Blank());
        foreach (var name in (string[])[Attack, "학교 مدرسة 𝒳"])
        {
            var folder = Directory.CreateDirectory(Path.Combine(Data, "train", name)).FullName;
            File.WriteAllBytes(Path.Combine(folder, "a.png"), image);
        }

        var answer = ProgramRunner.Run(Artifacts, "eda", "--data", Data);
        Assert.True(answer.ExitCode == 0, answer.ToString());
        var page = File.ReadAllText(FileOf("index.html"));
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.Contains("{{ 7 | times: 6 }}", page, StringComparison.Ordinal);
        Assert.Contains("<h3>학교 مدرسة", page, StringComparison.Ordinal);
        Assert.Equal(1, page.Split("<script>").Length - 1);
    }

    [Fact]
    public void A_data_set_without_a_usable_image_is_refused_in_one_sentence()
    {
        foreach (var name in (string[])["a", "b"])
        {
            var folder = Directory.CreateDirectory(Path.Combine(Data, "train", name)).FullName;
            File.WriteAllBytes(Path.Combine(folder, "a.png"), [1, 2, 3]);
        }

        var answer = ProgramRunner.Run(Artifacts, "eda", "--data", Data);
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("None of the 2 images of drawings could be used", answer.Error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static Pixels Blank() => Pixels.From(new Sample(0, "a.png", "/none/a.png", 0), 8, 8, 1, Enumerable.Repeat((byte)255, 64).ToArray());

    private static void Replace(Sample target, Sample source, Func<Pixels, Pixels> alter)
    {
        using var pixels = ImageDecoder.Read(new DecodeOptions(), source).Value;
        using var altered = alter(pixels);
        File.WriteAllBytes(target.File, ImageEncoder.ToPng(altered));
    }

    private DataSet Doodles(int train, int test)
    {
        DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = train, TestPerClass = test, Seed = 3 }, Data);
        return DataSetReader.Read(Data);
    }

    private string FileOf(string name, string data = "drawings") => Path.Combine(Artifacts, "reports", "data", data, name);

    private List<Dictionary<string, string>> Rows(string name, string data = "drawings")
    {
        using var text = new StreamReader(FileOf(name, data));
        using var csv = new CsvReader(text, CsvFile.Format);
        return [.. csv.GetRecords<dynamic>().Cast<IDictionary<string, object>>().Select(r => r.ToDictionary(c => c.Key, c => (string)c.Value))];
    }
}
