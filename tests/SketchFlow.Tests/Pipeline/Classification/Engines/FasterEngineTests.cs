using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Inference;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Classification.Engines;

/// <summary>The choice between libtorch and ONNX Runtime, with the engines of a small run.</summary>
public sealed class FasterEngineTests : IDisposable
{
    private const int Batch = 2;

    private readonly TemporaryFolder _folder = new();
    private readonly RunFolder _run;
    private readonly ClassifierPlan _plan;
    private readonly List<string> _opened = [];
    private readonly List<string> _lines = [];

    public FasterEngineTests()
    {
        _run = UntrainedRun.Write(_folder.Root, "small", "cat", "dog", "fox");
        _plan = ClassifierPlans.Create(
            new TrainedRun(_run), new Artifacts(_folder.Root), new ClassifierOptions(), _ => { }, NoProgress.Factory, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Both_engines_are_opened_once_and_the_faster_one_by_its_kept_rates_afterwards()
    {
        var file = EngineRates.FileOf(new Artifacts(_folder.Root), _plan, Batch);
        using (var first = Open(file))
        {
            Assert.Equal(["torch", "onnx"], _opened);
            Assert.Contains("measured now", Assert.Single(_lines), StringComparison.Ordinal);
            Assert.Equal(EngineRates.Read(file)!.PrefersOnnx ? OnnxEngine.Engine : "torch on cpu", first.Name);
        }

        _opened.Clear();
        new EngineRates(Torch: 1, Onnx: 2).Write(file);
        using (var onnx = Open(file))
        {
            Assert.Equal(["onnx"], _opened);
            Assert.Equal(OnnxEngine.Engine, onnx.Name);
        }

        _opened.Clear();
        new EngineRates(Torch: 2, Onnx: 1).Write(file);
        using var torch = Open(file);
        Assert.Equal(["torch"], _opened);
        Assert.Equal("torch on cpu", torch.Name);
        Assert.Equal(2, _lines.Count(line => line.Contains("measured before", StringComparison.Ordinal)));
    }

    [Fact]
    public void Rates_are_kept_for_unchanged_weights_and_a_batch_size()
    {
        string File() => EngineRates.FileOf(new Artifacts(_folder.Root), _plan, Batch);
        var before = File();
        Assert.Equal(before, File());
        Assert.NotEqual(before, EngineRates.FileOf(new Artifacts(_folder.Root), _plan, Batch + 1));

        // Other content of the same length, as another training of the same architecture writes it.
        var bytes = System.IO.File.ReadAllBytes(_run.Best);
        bytes[^1] ^= 1;
        System.IO.File.WriteAllBytes(_run.Best, bytes);
        System.IO.File.SetLastWriteTimeUtc(_run.Best, DateTime.UtcNow.AddSeconds(5));
        var changed = File();
        Assert.NotEqual(before, changed);

        // Other content with the same time.
        var time = System.IO.File.GetLastWriteTimeUtc(_run.Best);
        System.IO.File.WriteAllBytes(_run.Best, [.. bytes, 0]);
        System.IO.File.SetLastWriteTimeUtc(_run.Best, time);
        Assert.NotEqual(changed, File());
    }

    [Fact]
    public void A_folder_that_cannot_be_written_costs_only_the_next_measurement()
    {
        _folder.With("file");
        using var engine = Open(_folder["file/rates.json"]);
        Assert.Contains("not kept: ", Assert.Single(_lines), StringComparison.Ordinal);
        Assert.Equal(_plan.Classes, engine.Classes);
    }

    [Fact]
    public void The_batch_size_is_that_of_the_recipe_as_the_engines_have_it()
    {
        using var torch = new TorchEngine(_plan, new ClassifierOptions());
        Assert.Equal(torch.BatchSize, _plan.BatchSize);
    }

    [Long]
    [Fact(Timeout = 600_000)]
    public async Task Two_processes_that_measure_at_the_same_time_leave_rates_that_can_be_read()
    {
        var image = TestImages.Write(_folder["drawings"])[1];
        string[] classify = ["classify", "--run", "small", "--engine", "auto", "--batch-size", "3", image];
        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => ProgramRunner.Run(_folder.Root, classify))));
        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.ToString()));
        Assert.Contains(results, result => result.Error.Contains("measured now", StringComparison.Ordinal));
        Assert.NotNull(EngineRates.Read(Assert.Single(Directory.GetFileSystemEntries(_folder["engines"]))));
        Assert.Contains("measured before", ProgramRunner.Run(_folder.Root, classify).Error, StringComparison.Ordinal);
    }

    private IClassificationEngine Open(string file) => new FasterEngine(
        () => Opened("torch", new TorchEngine(_plan, new ClassifierOptions())),
        () => Opened("onnx", new ExportedEngine(_plan, new ClassifierOptions()))).Open(file, Batch, _lines.Add);

    private IClassificationEngine Opened(string name, IClassificationEngine engine)
    {
        _opened.Add(name);
        return engine;
    }
}
