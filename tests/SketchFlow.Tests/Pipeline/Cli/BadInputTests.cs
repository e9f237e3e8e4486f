using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Cli;

public class BadInputTests(DamagedImageRuns runs) : IClassFixture<DamagedImageRuns>
{
    [Fact]
    public void Training_continues_without_the_damaged_images_and_exits_with_3()
    {
        Assert.True(runs.Trained.ExitCode == 3, runs.Trained.ToString());
        var listed = File.ReadAllLines(Path.Combine(runs.Artifacts, "runs", "damaged", "rejected.csv"));
        Assert.Equal("id,image_path,reason", listed[0]);
        // Five files and the row with the unknown target.
        Assert.Equal(DamagedImageRuns.Count + 1, listed.Length - 1);
        Assert.Contains($"{DamagedImageRuns.Count + 1} inputs were rejected", runs.Trained.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Prediction_gives_damaged_rows_their_status_and_uniform_logits_and_keeps_all_others_in_place()
    {
        Assert.True(runs.Predicted.ExitCode == 3, runs.Predicted.ToString());
        var test = LogitsReader.Read(Path.Combine(runs.Artifacts, "logits", "damaged", "test", "damaged.parquet"));
        Assert.Equal(12, test.Rows);
        var bad = Enumerable.Range(0, test.Rows).Where(r => test.Statuses[r] != LogitsTable.Ok).ToList();
        Assert.Equal([0L, 2, 4, 6, 8], bad.Select(r => test.Ids[r]).Order());
        Assert.All(bad, r => Assert.All(test.Row(r).ToArray(), l => Assert.Equal(0, l)));
        Assert.Equal(LogitsTable.Ok, test.Statuses[Array.IndexOf(test.Ids, 11L)]);
        var lines = File.ReadAllLines(Path.Combine(runs.Artifacts, "submissions", "damaged", "damaged.csv"));
        Assert.Equal(Enumerable.Range(0, 12), lines[1..].Select(l => int.Parse(l.Split(',')[0])));
        Assert.Contains("12 rows = 7 predicted + 5 rejected", runs.Predicted.Output, StringComparison.Ordinal);
        var listed = File.ReadAllLines(Path.Combine(runs.Artifacts, "logits", "damaged", "test", "rejected.csv"));
        Assert.Equal(("id,image_path,reason", 5), (listed[0], listed.Length - 1));
        Assert.Equal(
            bad.Select(r => $"{test.Ids[r]},{test.ImagePaths[r]},{test.Statuses[r]}"),
            listed[1..].Select(line => line.Replace("\"", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_missing_folder_is_refused()
        => Refused(1, "nowhere", "train", "--data", "/nowhere");

    [Fact]
    public void A_table_without_a_column_is_refused()
    {
        using var folder = new TemporaryFolder().With("train.csv", "image_path\n1.png\n").WithFolder("train");
        Refused(1, "no column of classes", "train", "--data", folder.Root);
    }

    [Fact]
    public void An_empty_data_set_is_refused()
    {
        using var folder = new TemporaryFolder().With("train.csv", "class_name,image_path,target\n").WithFolder("train");
        Refused(1, "train.csv", "train", "--data", folder.Root);
    }

    [Fact]
    public void A_data_set_without_a_valid_image_is_refused()
    {
        using var folder = new TemporaryFolder()
            .With("train.csv", "class_name,image_path,target\na,1.png,0\na,2.png,0\nb,3.png,1\nb,4.png,1\n").WithFolder("train");
        Refused(1, "None of the 2 images could be used", "train", "--model", "resnet18", "--data", folder.Root, "--set", "image_size=32");
    }

    [Fact]
    public void An_unknown_model_is_refused_with_similar_names() => Refused(1, "resnet18", "train", "--model", "resnet81", "--data", runs.Data);

    [Fact]
    public void An_unknown_option_is_wrong_usage() => Refused(2, "--epoch", "train", "--epoch", "3");

    [Fact]
    public void Wrong_usage_of_a_verb_of_a_group_names_both() => Refused(2, "sketchflow transforms apply --help", "transforms", "apply", "rotate");

    [Fact]
    public void An_impossible_image_size_is_refused_before_the_data_set_is_opened()
        => Refused(
            1, "input size 65; it must be a multiple of 16 pixels, such as 64 or 80",
            "train", "--model", "vit_tiny_patch16_224", "--data", "/nowhere", "--set", "image_size=65");

    [Theory]
    [InlineData("train", "--run")]
    [InlineData("ensemble", "--name")]
    [InlineData("soup", "--run")]
    [InlineData("study augmentations", "--name")]
    public void A_name_that_is_a_path_is_wrong_usage(string verb, string option) =>
        Refused(2, $"{option}: '../elsewhere' is not a valid file name", [.. verb.Split(' '), option, "../elsewhere"]);

    [Fact]
    public void An_unknown_setting_is_wrong_usage_and_lists_the_known_ones()
        => Refused(2, "learning_rate", "train", "--data", runs.Data, "--set", "optimizer.learning_rat=1");

    [Fact]
    public void A_value_of_the_wrong_kind_is_wrong_usage() => Refused(2, "epochs", "train", "--data", runs.Data, "--set", "epochs=many");

    [Fact]
    public void A_value_out_of_range_is_wrong_usage() => Refused(2, "batch_size is 0", "train", "--data", runs.Data, "--set", "batch_size=0");

    [Fact]
    public void An_unknown_choice_is_wrong_usage_and_lists_the_choices()
        => Refused(2, "one_cycle", "train", "--data", runs.Data, "--set", "schedule.kind=triangle");

    [Fact]
    public void Predicting_without_a_run_is_refused()
    {
        using var folder = new TemporaryFolder();
        var answer = ProgramRunner.Run(folder.Root, "predict");
        Assert.Equal((1, true), (answer.ExitCode, answer.Error.Contains("sketchflow train", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_ensemble_without_logits_is_refused()
    {
        using var folder = new TemporaryFolder();
        var answer = ProgramRunner.Run(folder.Root, "ensemble");
        Assert.Equal((1, true), (answer.ExitCode, answer.Error.Contains("sketchflow predict", StringComparison.Ordinal)));
    }

    [Fact]
    public void CUDA_without_a_GPU_is_refused()
    {
        Assert.SkipWhen(File.Exists("/dev/nvidia0"), "this machine has a GPU");
        Refused(1, "sketchflow doctor", "train", "--data", runs.Data, "--device", "cuda");
    }

    private void Refused(int exitCode, string words, params string[] arguments)
    {
        var answer = ProgramRunner.Run(runs.Artifacts, arguments);
        Assert.True(answer.ExitCode == exitCode, answer.ToString());
        Assert.Contains(words, answer.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer.Error, StringComparison.Ordinal);
    }
}
