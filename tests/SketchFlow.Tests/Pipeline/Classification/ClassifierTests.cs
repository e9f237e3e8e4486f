using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Inference;
using SketchFlow.Learning.Precision;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Scoring.Numerics;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>The probabilities of new images are those of the logits tables that predict writes.</summary>
[Long]
[Collection(nameof(ClassifiedRunsCollection))]
public sealed class ClassifierTests(ClassifiedRuns runs)
{
    [Theory]
    [InlineData("one", "val", null)]
    [InlineData("one", "test", null)]
    [InlineData("one", "test", "hflip")]
    [InlineData("two", "test", null)]
    public void A_run_gives_the_softmax_of_its_calibrated_logits(string run, string split, string? tta)
    {
        var table = LogitsReader.Read(runs.Table(split, tta is null ? run : $"{run}+{tta}"));
        var options = new ClassifierOptions { Augmentation = SketchFlow.Pipeline.Prediction.TestTimeAugmentation.FromText(tta ?? "") };
        Assert.NotNull(table.Metadata.Temperature);
        AssertSame(table, row => Softmax(table.Row(row), table.Metadata.Temperature.Value), run, options);
    }

    [Fact]
    public void Folds_are_averaged_as_predict_averages_them()
    {
        LogitsTable[] folds = [.. Enumerable.Range(0, ClassifiedRuns.Folds).Select(k => LogitsReader.Read(runs.Table("test", $"folds.fold-{k}")))];
        var mean = FoldTables.Mean(folds);
        var temperature = Math.Exp(folds.Average(f => Math.Log(f.Metadata.Temperature!.Value)));
        AssertSame(mean, row => Softmax(mean.Row(row), temperature), "folds");
        AssertSame(folds[1], row => Softmax(folds[1].Row(row), folds[1].Metadata.Temperature!.Value), "folds.fold-1");
    }

    [Theory]
    [InlineData("soft")]
    [InlineData("logits")]
    [InlineData("rank")]
    [InlineData("hard")]
    [InlineData("perclass")]
    [InlineData("stacked")]
    public void An_ensemble_gives_the_probabilities_of_its_own_table(string name)
    {
        var file = EnsembleFile.Load(runs.File("ensembles", $"{name}.yaml"));
        var (set, prediction) = EnsembleJob.Predict(new Artifacts(runs.Artifacts), file, "test");
        Assert.True(file.Members.Count(m => m.Weight > 0) > 1, "one member is no ensemble");
        AssertSame(set.Members[0], row => prediction.Row(row).ToArray(), name);
    }

    [Fact]
    public void A_stray_file_of_weights_needs_no_recipe_and_no_data()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Root, "weights.safetensors");
        File.Copy(runs.File("runs", "one", "best.safetensors"), file);
        var table = LogitsReader.Read(runs.Table("test", "one"));
        // The table was computed in float32; without a recipe, a CPU with AMX would compute in bfloat16.
        AssertSame(table, row => Softmax(table.Row(row), table.Metadata.Temperature!.Value), file, new ClassifierOptions { Amp = AmpMode.Off });
    }

    [Fact]
    public void Answers_have_the_order_of_the_images_whatever_is_rejected_between_them()
    {
        var good = Directory.GetFiles(Path.Combine(runs.Data, "test"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        using var folder = new TemporaryFolder();
        var broken = Path.Combine(folder.Root, "broken.png");
        File.WriteAllText(broken, "no image");
        // Batches of one kind and of both, and rejections at both ends.
        ImageInput[] images =
        [
            .. Enumerable.Range(0, 70).Select(i => i % 7 == 0 || i is > 20 and < 45 ? new ImageInput($"{i} broken") { File = broken }
                : new ImageInput($"{i}") { File = good[i % good.Length] }),
        ];
        using var classifier = Open("one", new ClassifierOptions { BatchSize = 4, Top = 1 });
        var answers = classifier.Classify(images).ToList();
        Assert.Equal(images.Select(i => i.Name), answers.Select(a => a.Name));
        Assert.All(answers, a => Assert.Equal(a.Name.EndsWith("broken", StringComparison.Ordinal), a.Error is not null));
    }

    [Fact]
    public void Bytes_in_memory_give_the_answer_of_their_file()
    {
        var file = Directory.GetFiles(Path.Combine(runs.Data, "test"), "*", SearchOption.AllDirectories)[0];
        using var classifier = Open("one", new ClassifierOptions { Top = int.MaxValue });
        var answers = classifier.Classify([new ImageInput(file), new ImageInput("memory") { Bytes = File.ReadAllBytes(file) }]).ToList();
        Assert.Equal(answers[0].Top, answers[1].Top);
        Assert.Equal(1, answers[0].Top.Sum(c => c.Probability), 9);
    }

    [Fact]
    public void An_ensemble_of_weights_that_changed_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.WithCopy(runs.Artifacts);
        var changed = File.ReadAllBytes(Path.Combine(folder.Root, "runs", "two", "best.safetensors"));
        changed[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(folder.Root, "runs", "two", "best.safetensors"), changed);
        var result = ProgramRunner.Run(folder.Root, "classify", "--run", "soft", Path.Combine(runs.Data, "test"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("was trained again since the ensemble soft was made", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ensemble_whose_members_have_no_weights_here_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.WithCopy(runs.Artifacts);
        Directory.Delete(Path.Combine(folder.Root, "runs", "two"), recursive: true);
        var result = ProgramRunner.Run(folder.Root, "classify", "--run", "soft", Path.Combine(runs.Data, "test"));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("has the member two", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_prints_what_the_classifier_answers()
    {
        var folder = Path.Combine(runs.Data, "test");
        var result = ProgramRunner.Run(runs.Artifacts, "classify", "--run", "one", "--jsonl", "--top", "2", folder);
        Assert.True(result.ExitCode == 0, result.ToString());
        using var classifier = Open("one", new ClassifierOptions { Top = 2 });
        var answers = classifier.Classify(new ImageInputs([folder], () => Stream.Null).Read(default)).ToList();
        var printed = result.Output.Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(answers.Select(a => a.Name), printed.Select(p => p.GetProperty("file").GetString()));
        Assert.Equal(
            answers.SelectMany(a => a.Top).Select(c => (c.Class.Name, c.Index, Math.Round(c.Probability, 6))),
            printed.SelectMany(p => p.GetProperty("top").EnumerateArray()).Select(c => (
                c.GetProperty("class").GetString()!, c.GetProperty("index").GetInt32(), Math.Round(c.GetProperty("probability").GetDouble(), 6))));
    }

    private static double[] Softmax(ReadOnlySpan<float> logits, double temperature)
    {
        var probabilities = new double[logits.Length];
        SketchFlow.Scoring.Numerics.Softmax.Probabilities(logits, probabilities, temperature);
        return probabilities;
    }

    private Classifier Open(string name, ClassifierOptions options)
    {
        var artifacts = new Artifacts(runs.Artifacts);
        return Classifier.Open(new TrainedModelNames(artifacts).Find(name), artifacts, options, _ => { }, NoProgress.Factory);
    }

    private void AssertSame(LogitsTable table, Func<int, double[]> expected, string name, ClassifierOptions? options = null)
    {
        using var classifier = Open(name, (options ?? new ClassifierOptions()) with { Top = int.MaxValue });
        Assert.Equal(table.Metadata.ClassNames, classifier.Classes.Select(c => c.Name));
        var data = DataSetReader.Read(runs.Data);
        var files = data.Test.Concat(data.Train).Concat(data.Validation).DistinctBy(s => s.ImagePath).ToDictionary(s => s.ImagePath, s => s.File);
        var answers = classifier.Classify(table.ImagePaths.Select(p => new ImageInput(files[p]))).ToList();
        Assert.Equal(table.Rows, answers.Count);
        for (var row = 0; row < answers.Count; row++)
        {
            var probabilities = expected(row);
            Assert.Null(answers[row].Error);
            Assert.Equal(probabilities.Length, answers[row].Top.Length);
            Assert.All(answers[row].Top, c => Assert.InRange(c.Probability, probabilities[c.Index] - 1e-6, probabilities[c.Index] + 1e-6));
        }
    }
}
