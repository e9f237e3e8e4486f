using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.TrainedModels;

/// <summary>The meaning of names of trained models.</summary>
public sealed class TrainedModelNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TrainedModelNamesTests()
    {
        foreach (var run in (string[])["alpha", "Beta-1", "both", "folded"])
        {
            _folder.With($"runs/{run}/recipe.yaml", "architecture: resnet18").With($"runs/{run}/best.safetensors");
        }

        _folder.With("runs/folded/fold-0/recipe.yaml").With("runs/folded/fold-0/best.safetensors").With("runs/folded/fold-1/recipe.yaml")
            .With("runs/untrained/recipe.yaml").With("ensembles/gamma.yaml").With("ensembles/both.yaml").With("elsewhere/weights.safetensors");
    }

    private TrainedModelNames Names => new(new Artifacts(_folder.Root));

    [Fact]
    public void Every_kind_is_found_by_its_name_and_by_its_exact_name()
    {
        var file = _folder["elsewhere/weights.safetensors"];
        Assert.All<(string Name, Type Kind)>(
            [
                ("alpha", typeof(TrainedRun)), ("folded", typeof(TrainedRun)), ("folded.fold-1", typeof(TrainedRun)), ("run:both", typeof(TrainedRun)),
                (_folder["runs/alpha"], typeof(TrainedRun)), (_folder["runs/alpha/"], typeof(TrainedRun)),
                (_folder["runs/alpha/recipe.yaml"], typeof(TrainedRun)),
                (_folder["runs/folded/fold-0"], typeof(TrainedRun)), ("gamma", typeof(TrainedEnsemble)), ("ensemble:both", typeof(TrainedEnsemble)),
                (_folder["ensembles/gamma.yaml"], typeof(TrainedEnsemble)), ("resnet18.a1_in1k", typeof(TrainedTag)),
                ("timm/resnet18.a1_in1k", typeof(TrainedTag)), ("hf-hub:timm/resnet18.a1_in1k", typeof(TrainedTag)), ("resnet18", typeof(TrainedTag)),
                (file, typeof(TrainedFile)), ($"file:{file}", typeof(TrainedFile)),
            ],
            p =>
            {
                var found = Names.Find(p.Name);
                Assert.IsType(p.Kind, found);
                Assert.Equal(found, Names.Find(found.ExactName));
            });
        Assert.Equal("folded.fold-0", Names.Find(_folder["runs/folded/fold-0"]).Name);
    }

    [Fact]
    public void A_name_of_two_kinds_is_refused_with_both_exact_names()
    {
        var error = Assert.Throws<UsageException>(() => Names.Find("both"));
        Assert.Equal("--run both is a run and an ensemble; write run:both or ensemble:both.", error.Message);
        Assert.Equal("both", Names.FindRun("both", "").Name);
    }

    [Theory]
    [InlineData("alpa", "did you mean 'alpha'?")]
    [InlineData("beta-1", "did you mean 'Beta-1'?")]
    [InlineData("gama", "did you mean 'gamma'?")]
    [InlineData("run:gamma", "No run named gamma")]
    [InlineData("ensemble:alpha", "No ensemble named alpha")]
    [InlineData("resnet18.a9_in1k", "timm has no weights 'a9_in1k' for resnet18; the nearest of ")]
    [InlineData("nowhere/x.safetensors", "there is no file or folder nowhere/x.safetensors")]
    [InlineData("x.pth", "there is no file or folder x.pth")]
    [InlineData("zzz", "the nearest of 6: ")]
    [InlineData("", "No run, ensemble, pretrained model or file named ")]
    [InlineData("..", "No run, ensemble, pretrained model or file named ..")]
    public void An_unknown_name_is_refused_with_the_nearest(string name, string part) =>
        Assert.Contains(part, Assert.Throws<RefusalException>(() => Names.Find(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void Where_runs_are_accepted_other_kinds_are_named()
    {
        Refused<UsageException>("gamma", "is an ensemble, expected a run; Do this.");
        Refused<UsageException>("resnet18.a1_in1k", "is a pretrained model");
        Refused<UsageException>("folded.fold-0", "is one fold");
        Refused<RefusalException>("untrained", "no weights yet");
        Refused<RefusalException>("alpa", "did you mean 'alpha'?");

        void Refused<T>(string name, string part) where T : Exception =>
            Assert.Contains(part, Assert.Throws<T>(() => Names.FindRun(name, "Do this.")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_any_run_the_first_step_is_named()
    {
        using var empty = new TemporaryFolder();
        var names = new TrainedModelNames(new Artifacts(empty.Root));
        Assert.Contains("train one with sketchflow train", Assert.Throws<RefusalException>(() => names.Find("x")).Message, StringComparison.Ordinal);
        var run = Assert.Throws<RefusalException>(() => names.FindRun("x", ""));
        Assert.Contains("there are none yet; sketchflow train makes one", run.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_found_or_refused_in_one_sentence() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>(),
        text =>
        {
            try
            {
                return Names.Find(text.Get) is not null;
            }
            catch (Exception e) when (e is RefusalException or UsageException)
            {
                return e.Message.EndsWith('.');
            }
        }).QuickCheckThrowOnFailure();

    public void Dispose() => _folder.Dispose();
}
