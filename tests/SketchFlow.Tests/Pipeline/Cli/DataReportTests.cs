using SketchFlow.Data.Encodings;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Data.Images;

namespace SketchFlow.Tests.Pipeline.Cli;

/// <summary>The line about what a data set's folder holds and the run does not use, and data that cannot be trained on, in the real program.</summary>
public sealed class DataReportTests
{
    private const string Line = "not used: 1 image outside class folders (train/0.png), 1 folder without images (train/empty), 1 other entry (notes.txt)";

    [Fact]
    public void Data_stats_names_what_is_not_used()
    {
        using var folder = Drawings(2);
        var result = ProgramRunner.Run(folder["artifacts"], "data", "stats", "--data", folder["set"], "--size", "32");
        Assert.True(result.ExitCode == 0 && result.Output.Contains(Line, StringComparison.Ordinal), result.ToString());
    }

    [Fact]
    public void Data_prepare_names_what_is_not_used()
    {
        using var folder = Drawings(3);
        var result = ProgramRunner.Run(
            folder["artifacts"], "data", "prepare", "--from", folder["set"], "--out", folder["out"], "--classes", "2", "--train", "0.5");
        Assert.True(result.ExitCode == 0 && result.Output.Contains(Line, StringComparison.Ordinal), result.ToString());
    }

    [Fact]
    [Long]
    public void Train_and_predict_name_what_is_not_used()
    {
        using var folder = Drawings(5);
        var trained = ProgramRunner.Run(
            folder["artifacts"], ["train", "--model", "convnext_atto", "--data", folder["set"], "--run", "r", "--epochs", "1", .. TrainedRuns.Tiny]);
        Assert.True(trained.ExitCode == 0 && trained.Output.Contains(Line, StringComparison.Ordinal), trained.ToString());
        var predicted = ProgramRunner.Run(folder["artifacts"], "predict", "--run", "r");
        Assert.True(predicted.ExitCode == 0 && predicted.Output.Contains(Line, StringComparison.Ordinal), predicted.ToString());
    }

    // ../shared/cases/runs/17_one_image_a_class.sh
    [Fact]
    public void One_image_per_class_is_refused_before_training_with_the_reason()
    {
        using var folder = Drawings(1);
        var result = ProgramRunner.Run(
            folder["artifacts"], ["train", "--model", "resnet10t", "--data", folder["set"], "--run", "o", "--epochs", "1", .. TrainedRuns.Tiny]);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.StartsWith("No image of set is left for validation, since each of its 2 classes has one image", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["artifacts/runs/o"]));
    }

    [Fact]
    public void A_table_in_another_encoding_is_refused_and_read_with_the_option()
    {
        using var folder = Drawings(2);
        File.WriteAllText(
            folder["set/train.csv"], "class_name,image_path,target\nthé,a/0.png,0\ncafé,b/0.png,1\n", TextEncodings.Find("windows-1252"));
        var refused = ProgramRunner.Run(folder["artifacts"], "data", "stats", "--data", folder["set"], "--size", "32");
        Assert.True(refused.ExitCode == 1 && refused.Error.Contains("is not UTF-8, but perhaps windows-1252;", StringComparison.Ordinal), refused.ToString());
        foreach (var more in (string[][])[["--encoding", "latin1"], []])
        {
            // The second time the encoding is known.
            var read = ProgramRunner.Run(folder["artifacts"], ["data", "stats", "--data", folder["set"], "--size", "32", .. more]);
            Assert.True(read.ExitCode == 0 && read.Output.Contains("2 images at 32 px", StringComparison.Ordinal), read.ToString());
        }
    }

    // Two classes of that many drawings, an image that has no class, an empty folder and a text.
    private static TemporaryFolder Drawings(int count)
    {
        var folder = new TemporaryFolder().WithFolder("set/train/empty").WithFolder("set/train/a").WithFolder("set/train/b").With("set/notes.txt");
        var drawings = PublishedImages.Drawings((2 * count) + 1);
        File.WriteAllBytes(folder["set/train/0.png"], drawings[^1]);
        for (var i = 0; i < 2 * count; i++)
        {
            File.WriteAllBytes(folder[$"set/train/{"ab"[i % 2]}/{i / 2}.png"], drawings[i]);
        }

        return folder;
    }
}
