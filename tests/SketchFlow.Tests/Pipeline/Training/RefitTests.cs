using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Experiments;
using SketchFlow.Pipeline.Prediction;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Training;

public class RefitTests(SmallTraining training) : IClassFixture<SmallTraining>
{
    [Fact(Timeout = 300_000)]
    public async Task A_refit_learns_from_every_image_and_names_the_run_that_estimates_it()
    {
        await Task.Yield();
        var source = training.TrainUninterrupted("source", SmallTraining.Recipe("epochs=3", "ema.decay=0.5"));
        var estimate = RefitEstimate.Read(source);
        var best = EpochMetrics.Read(source.Metrics).MaxBy(r => r.Selected(default).Accuracy)!;
        Assert.Equal((3, RunIdentity.Read(source).Temperature), (estimate.StopsAfter, estimate.Temperature));
        Assert.Equal(best.Selected(default).Accuracy, estimate.Accuracy);

        var refit = training.TrainUninterrupted("refit", estimate.ToRecipe(source.Read()));
        var split = RunSplit.Read(refit)!;
        Assert.Equal((training.Data.Train.Length, 0), (split.Train.Length, split.Validation.Length));
        var identity = RunIdentity.Read(refit);
        Assert.Equal(("source", estimate.Accuracy, estimate.Temperature), (identity.EstimatedBy!, identity.EstimatedAccuracy, identity.Temperature));
        Assert.Equal(3, EpochMetrics.Read(refit.Metrics).Length);
        Assert.All(EpochMetrics.Read(refit.Metrics), row => Assert.True(double.IsNaN(row.ValidationLoss) && double.IsFinite(row.TrainLoss)));

        // The averaged weights are kept where there are some.
        Assert.Equal(Tensors(refit.LastAverage), Tensors(refit.Best));

        using var job = new PredictJob(refit, refit.Read(), training.Data, training.Artifacts, SmallTraining.Context());
        Assert.Contains(job.Notes(), n => n.Contains("accuracy of source", StringComparison.Ordinal));
        var test = Assert.Single(job.Run(CancellationToken.None));
        Assert.Equal(("test", "source", estimate.Temperature), (test.Split, test.Table.Metadata.EstimatedBy!, test.Table.Metadata.Temperature));
        Assert.Contains("is a refit", Assert.Throws<RefusalException>(() => RefitEstimate.Read(refit)).Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_refit_stops_at_the_best_epoch_only_where_its_run_stopped_early()
    {
        await Task.Yield();
        var recipe = SmallTraining.Recipe("epochs=6", "stopping.patience=1", "stopping.delta=0.9");
        var source = training.TrainUninterrupted("early", recipe);
        var epochs = EpochMetrics.Read(source.Metrics);
        Assert.True(epochs.Length < 6);
        var estimate = RefitEstimate.Read(source);
        var refit = estimate.ToRecipe(source.Read());
        Assert.Equal((6, estimate.StopsAfter), (refit.Epochs, refit.Stopping.LastEpoch));
        var folder = training.TrainUninterrupted("early-refit", refit);
        var rows = EpochMetrics.Read(folder.Metrics);
        Assert.Equal(estimate.StopsAfter, rows.Length);
        // The schedule is that of all epochs.
        var schedule = TrainingSchedule.Compute(source.Read(), training.Data.Train.Length);
        Assert.Equal(schedule.Rates[(int)schedule.StepsPerEpoch - 1], rows[0].LearningRate, 1e-12);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_refit_whose_weights_are_not_finite_fails_although_nothing_is_validated()
    {
        await Task.Yield();
        var source = training.TrainUninterrupted("sound", SmallTraining.Recipe("epochs=1"));
        var recipe = RefitEstimate.Read(source).ToRecipe(source.Read());
        recipe = recipe with { Optimizer = recipe.Optimizer with { LearningRate = 1e30 } };
        var refused = Assert.Throws<RefusalException>(() => training.TrainUninterrupted("unsound", recipe));
        Assert.StartsWith(
            "The run unsound failed: weights or statistics of batch norms are not finite after epoch 1", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(training.Artifacts.Run("unsound").Best));
    }

    [Fact(Timeout = 300_000)]
    public async Task An_interrupted_refit_resumes_to_the_same_bytes()
    {
        await Task.Yield();
        var source = training.TrainUninterrupted("whole", SmallTraining.Recipe("epochs=2"));
        var recipe = RefitEstimate.Read(source).ToRecipe(source.Read());
        var expected = training.TrainUninterrupted("whole-refit", recipe);
        var folder = training.Artifacts.Run("cut-refit");
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(
            () => training.Trainer(new SmallTraining.CancelAfter(5, stop)).Run(recipe, folder, resume: false, stop.Token));
        Assert.False(File.Exists(folder.Best));
        training.Trainer().Run(recipe, folder, resume: true, CancellationToken.None);
        SmallTraining.AssertSame(expected, folder);
    }

    [Fact(Timeout = 300_000)]
    public async Task A_fold_set_is_refitted_as_one_run_by_the_mean_of_its_folds()
    {
        await Task.Yield();
        var folder = training.Artifacts.Run("set");
        training.CrossValidation().Run(SmallTraining.Recipe("data.folds=2", "epochs=1"), folder, resume: false, CancellationToken.None);
        var estimate = RefitEstimate.Read(folder);
        Assert.Equal(folder.Folds.Average(f => EpochMetrics.Read(f.Metrics)[0].ValidationAccuracy), estimate.Accuracy, 1e-12);
        var temperatures = folder.Folds.Select(f => RunIdentity.Read(f).Temperature!.Value).ToList();
        Assert.Equal(Math.Sqrt(temperatures[0] * temperatures[1]), estimate.Temperature!.Value, 1e-9);
        var recipe = estimate.ToRecipe(folder.Folds[0].Read());
        Assert.Equal((0, null), (recipe.Data.Folds, recipe.Data.Fold));
        Directory.Delete(folder.Folds[1].Folder, recursive: true);
        Assert.Contains("1 of its 2 folds", Assert.Throws<RefusalException>(() => RefitEstimate.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_labelled_images_are_for_training_without_validation_also_those_of_an_own_split()
    {
        Sample[] train = [new(0, "a", "/train/a", 0), new(1, "b", "/train/b", 1)];
        var data = training.Data with { Train = [.. train], Validation = [new Sample(0, "a", "/val/a", 0)] };
        var recipe = new Recipe();
        var (rows, validation) = SketchFlow.Pipeline.Loading.DataSource.Split(data, recipe with { Data = recipe.Data with { Validation = 0 } });
        Assert.Empty(validation);
        Assert.Equal([0, 1, 2], rows.Select(s => s.Id));
        var located = RunSplit.From(data, rows, validation).Locate(data);
        Assert.Equal(rows.Select(s => s.File).Order(StringComparer.Ordinal), located.Train.Select(s => s.File).Order(StringComparer.Ordinal));
    }

    [Fact(Timeout = 300_000)]
    public async Task The_program_refits_a_run_and_refuses_names_that_are_none()
    {
        await Task.Yield();
        training.TrainUninterrupted("cli", SmallTraining.Recipe("epochs=1", $"data.path={training.DataFolder}"));
        var answer = ProgramRunner.Run(training.Artifacts.Root, "train", "--refit", "cli", "--data", training.DataFolder, "--json");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        Assert.Contains("\"estimated_by\":\"cli\"", answer.Output, StringComparison.Ordinal);
        Assert.Contains("\"val_accuracy\":null", answer.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(training.Artifacts.Run("cli-refit").Best));
        var listed = ProgramRunner.Run(training.Artifacts.Root, "runs", "--json", "--filter", "run=cli-refit");
        using var row = JsonDocument.Parse(listed.LastLine);
        var refit = Assert.Single(row.RootElement.EnumerateArray());
        Assert.Equal(
            ("cli", RefitEstimate.Read(training.Artifacts.Run("cli")).Accuracy),
            (refit.GetProperty("estimated_by").GetString(), refit.GetProperty("estimated_val_accuracy").GetDouble()));
        Assert.Equal(JsonValueKind.Null, refit.GetProperty("val_accuracy").ValueKind);
        Assert.Equal(1, ProgramRunner.Run(training.Artifacts.Root, "train", "--refit", "nothing").ExitCode);
        Assert.Equal(2, ProgramRunner.Run(training.Artifacts.Root, "train", "--refit", "cli", "--epochs", "9").ExitCode);
        var other = training.Data with { Classes = training.Data.Classes.SetItem(0, "zebra") };
        Assert.Contains("'zebra'", Assert.Throws<RefusalException>(
            () => RefitEstimate.CheckData(training.Artifacts.Run("cli"), other)).Message, StringComparison.Ordinal);
        var foreign = training.Data with { Train = [.. training.Data.Train.Select(s => s with { ImagePath = "x" + s.ImagePath })] };
        Assert.Contains("none of the images", Assert.Throws<RefusalException>(
            () => RefitEstimate.CheckData(training.Artifacts.Run("cli"), foreign)).Message, StringComparison.Ordinal);
        Assert.Empty(RefitEstimate.CheckData(training.Artifacts.Run("cli"), training.Data));
        Assert.Equal("cli", Assert.Single(RefitSources.Find(training.Artifacts, "cli", _ => { })).Name);
    }

    private static byte[] Tensors(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return bytes[(8 + (int)BitConverter.ToUInt64(bytes))..];
    }
}
