using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Training;
using SketchFlow.Pipeline.Training.Finders;
using SketchFlow.Pipeline.Training.Soup;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Training;

/// <summary>Impossible combinations of recipe, model and data are refused before data flows.</summary>
public class TrainingChecksTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    private const string OneValue = "Expected more than 1 value per channel when training";

    [Theory]
    [InlineData("batch_size=1", 24, true)]
    [InlineData("batch_size=2", 24, false)]
    [InlineData("batch_size=3", 24, false)]
    // Parts of 1 and 2 images.
    [InlineData("batch_size=3 accumulation=2", 24, true)]
    [InlineData("batch_size=4 accumulation=2", 24, false)]
    [InlineData("batch_size=4 accumulation=4", 24, true)]
    // The only batch is incomplete.
    [InlineData("batch_size=8", 1, true)]
    [InlineData("batch_size=8 accumulation=2", 3, true)]
    [InlineData("batch_size=8 accumulation=2", 4, false)]
    // Four values in the last maps at 64 px.
    [InlineData("batch_size=1 image_size=64", 24, false)]
    [InlineData("batch_size=1 image_size=64 sizes=[{from_epoch:1,size:32}]", 24, true)]
    [InlineData("batch_size=1 image_size=64 sizes=[{from_epoch:9,size:32}]", 24, false)]
    [InlineData("batch_size=1 sizes=[{from_epoch:0,size:64}]", 24, false)]
    // Frozen batch norms use their running statistics; later epochs unfreeze them.
    [InlineData("batch_size=1 finetune.head_epochs=3", 24, false)]
    [InlineData("batch_size=1 finetune.head_epochs=2", 24, true)]
    [InlineData("batch_size=1 architecture=convnext_atto", 24, false)]
    public void A_batch_norm_over_one_value_per_channel_is_refused(string settings, int images, bool refused)
    {
        var recipe = SmallTraining.Recipe([.. settings.Split(' ').Select(s => s.Replace(":", ": ", StringComparison.Ordinal))]);
        void Check() => TrainingChecks.Check(recipe, training.Data, images);
        if (refused)
        {
            Assert.StartsWith(OneValue, Assert.Throws<RefusalException>(Check).Message, StringComparison.Ordinal);
        }
        else
        {
            Check();
        }
    }

    [Theory]
    [InlineData("0", "", null, "has training images of one class only, a, so that there is nothing to tell apart")]
    [InlineData("0 0 0", "0", null, "has training images of one class only, a")]
    [InlineData("- -", "", null, "has no training image that can be used (the first: no label)")]
    [InlineData("", "", null, "has no training image that can be used (the first: there is none)")]
    [InlineData("0 1", "", null, "No image of d is left for validation, since each of its 2 classes has one image")]
    [InlineData("0 1 2 -", "", "data.folds=2 data.fold=0", "No image of d is left for validation, since each of its 3 classes has one image")]
    [InlineData("0 1", "", "data.validation=0", null)]
    [InlineData("0 1", "1", null, null)]
    [InlineData("0 1 -", "0", null, null)]
    public void Data_without_a_second_class_or_without_a_validation_image_are_refused_with_the_reason(
        string train, string validation, string? settings, string? sentence)
    {
        static Sample[] Rows(string targets) =>
        [
            .. targets.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select((t, i) => new Sample(i, $"{i}.png", $"/{i}.png", t == "-" ? null : int.Parse(t)) { Fault = t == "-" ? "no label" : null }),
        ];
        var data = new DataSet { Name = "d", Root = "/d", Layout = DataSetLayout.Folders, Classes = ["a", "b", "c"], Train = [.. Rows(train)] };
        void Check() => TrainingChecks.CheckImages(SmallTraining.Recipe(settings?.Split(' ') ?? []), data, Rows(train), Rows(validation));
        if (sentence is null)
        {
            Check();
        }
        else
        {
            Assert.Contains(sentence, Assert.Throws<RefusalException>(Check).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_finders_and_the_soup_refuse_it_too()
    {
        var recipe = SmallTraining.Recipe("batch_size=3", "accumulation=2");
        var range = new LearningRateRange { Steps = 20 };
        Assert.StartsWith(
            OneValue,
            Assert.Throws<RefusalException>(
                () => LearningRateFinder.Run(recipe, training.Data, SmallTraining.Context(), range, CancellationToken.None)).Message,
            StringComparison.Ordinal);
        var folder = training.TrainUninterrupted("single", SmallTraining.Recipe("epochs=2", "checkpoints.top=2", "batch_size=2"));
        File.WriteAllText(folder.Recipe, File.ReadAllText(folder.Recipe).Replace("batch_size: 2", "batch_size: 1", StringComparison.Ordinal));
        var soup = new SoupJob(new SoupOptions(), [folder], training.Data, SmallTraining.Context());
        Assert.StartsWith(
            OneValue,
            Assert.Throws<RefusalException>(() => soup.Run(training.Artifacts.Run("thin"), CancellationToken.None)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(training.Artifacts.Run("thin").Folder));
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, false)]
    [InlineData(99, false)]
    public void More_frozen_groups_than_the_model_has_besides_its_classifier_are_refused(int frozen, bool allowed)
    {
        var recipe = SmallTraining.Recipe("architecture=resnet18", $"finetune.frozen_groups={frozen}");
        if (allowed)
        {
            TrainingChecks.CheckModel(recipe);
        }
        else
        {
            Assert.StartsWith(
                $"finetune.frozen_groups is {frozen}, expected 0 to 9: resnet18 has 10 layer groups",
                Assert.Throws<RefusalException>(() => TrainingChecks.CheckModel(recipe)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Impossible_settings_are_found_by_a_dry_run_and_before_a_run_is_overwritten()
    {
        var folder = training.TrainUninterrupted("kept", SmallTraining.Recipe("epochs=1"));
        var before = File.ReadAllBytes(folder.Best);
        string[] command =
        [
            "train", "--model", "resnet18", "--data", training.DataFolder, "--run", "kept", .. SmallTraining.Quick.SelectMany(s => new[] { "--set", s }),
        ];
        foreach (var (setting, words) in new[]
        {
            ("loss.class_weights=[1,1]", "loss.class_weights has 2 weights, expected 3"),
            ("finetune.frozen_groups=17", "finetune.frozen_groups is 17, expected 0 to 9"),
            ("batch_size=1", OneValue),
        })
        {
            foreach (var how in new[] { "--dry-run", "--overwrite" })
            {
                var answer = ProgramRunner.Run(training.Artifacts.Root, [.. command, how, "--set", setting]);
                Assert.True(answer.ExitCode == 1 && answer.Error.Contains(words, StringComparison.Ordinal), answer.ToString());
                Assert.Equal(before, File.ReadAllBytes(folder.Best));
            }
        }
    }

    [Fact]
    public void No_recipe_of_the_program_has_a_schedule_that_does_not_fit_its_epochs() => Assert.All(RecipeFile.Names, name =>
    {
        var recipe = RecipeFile.Load(RecipeFile.Find(name), []);
        Assert.Null(recipe.Schedule.FindProblem(recipe.Epochs));
    });
}
