using System.Diagnostics;
using SketchFlow.Data.Datasets;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training;

namespace SketchFlow.Tests.Pipeline.Training;

public class TwinCheckTests(ITestOutputHelper output)
{
    [Fact]
    public void Copies_of_training_images_in_the_own_validation_split_of_a_data_set_are_named()
    {
        using var folder = new SketchFolder();
        for (var i = 0; i < 5; i++)
        {
            folder.With($"train/dog/{i}.png", i).With($"train/horse/{i}.png", i);
        }

        folder.With("val/dog/new.png", 20).With("val/dog/same.png", 3).With("val/horse/mirrored.png", 1, mirrored: true);
        Assert.Equal(
            "2 of 3 validation images are copies of training images (1 exact, 1 mirrored), such as dog/same.png, a copy of dog/3.png; the accuracy on "
            + "new images will be lower than the one measured here. Keep copies on one side with --set data.group=twins.",
            Find(folder.Root));
        Assert.Null(Find(folder.Root, "data.check_twins=false"));
    }

    [Fact]
    public void Groups_of_copies_leave_no_copy_on_the_other_side()
    {
        using var folder = new SketchFolder();
        for (var i = 0; i < 8; i++)
        {
            // Every sketch twice, once mirrored.
            folder.With($"dog/{i}.png", i).With($"dog/{i}-m.png", i, mirrored: true).With($"horse/{i}.png", i).With($"horse/{i}-m.png", i, mirrored: true);
        }

        Assert.Contains("mirrored), such as", Find(folder.Root), StringComparison.Ordinal);
        Assert.Null(Find(folder.Root, "data.group=twins"));
    }

    [Long]
    [Fact]
    public void The_search_costs_little_beside_decoding()
    {
        var data = DataSetReader.Read(Path.Combine(Reference.Folder, "data", "pacs-sketch"));
        var recipe = Recipe("image_size=128");
        var setup = new TrainingSetup(recipe, data, SmallTraining.Context());
        double Seconds()
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            TwinCheck.FindWarning(setup, recipe, CancellationToken.None);
            return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        }

        var (cold, warm) = (Seconds(), Seconds());
        output.WriteLine($"{data.Train.Length} images at 128 px: {cold:0.00} s of CPU time with decoding, {warm:0.00} s with decoded images");
        Assert.True(warm < 20, $"{warm} s");
    }

    private static string? Find(string folder, params string[] settings)
    {
        var recipe = Recipe(["image_size=64", "data.validation=0.3", .. settings]);
        return TwinCheck.FindWarning(new TrainingSetup(recipe, DataSetReader.Read(folder), SmallTraining.Context()), recipe, CancellationToken.None);
    }

    private static Recipe Recipe(params string[] settings) => RecipeFile.Load(RecipeFile.Find("resnet18"), settings);
}
