using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Training.Schedules;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes;

/// <summary>Sections with kinds: which keys are read, refused and dropped.</summary>
public sealed class RecipeKindsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new TemporaryFolder()
        .With(
            "base.yaml",
            "loss: { kind: focal, gamma: 3, label_smoothing: 0.1 }\noptimizer: { kind: sgd, momentum: 0.5, learning_rate: 0.25 }\n"
            + "schedule: { kind: step, step_epochs: 2, gamma: 0.3, warmup_epochs: 0 }\n")
        .With("child.yaml", "extends: base\nloss: { kind: cross_entropy }\noptimizer: { kind: adamw, beta1: 0.8 }\nschedule: { kind: one_cycle }\n")
        .With("grandchild.yaml", "extends: child\nloss: { kind: focal }\n");

    public static TheoryData<string, string> Kinds =>
    [
        .. KindRegistry.Sections.SelectMany(s => KindRegistry.Known(s.Type).Keys.Select(k => (s.Name, k))),
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_is_read_written_with_its_own_keys_only_and_refuses_unknown_ones(string section, string kind)
    {
        string[] set = [$"{section}.kind={kind}", .. kind == "multi_step" ? ["schedule.milestones=[1, 2.5]"] : Array.Empty<string>()];
        var recipe = Load("base", set);
        var type = KindRegistry.Known(KindRegistry.Sections.Single(s => s.Name == section).Type)[kind];
        var written = YamlJson.Read(RecipeFile.Write(recipe), "recipe")![section]!.AsObject();
        Assert.Equal(["kind", .. KindRegistry.OptionsOf(type).Select(KindRegistry.KeyOf)], written.Select(k => k.Key));
        Assert.Equal(kind, written["kind"]!.GetValue<string>());
        _folder.With("again.yaml", RecipeFile.Write(recipe));
        Assert.Equal(RecipeFile.Write(recipe), RecipeFile.Write(Load("again")));
        Assert.Empty(RecipeFile.Read(Path.Combine(_folder.Root, "again.yaml"), []).Dropped);

        var message = Assert.Throws<UsageException>(() => Load("base", [.. set, $"{section}.nonsense=1"])).Message;
        Assert.StartsWith($"{section}.nonsense is not a setting", message, StringComparison.Ordinal);
        Assert.Contains("the known settings are kind, ", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loss: { kind: cross_entropy, gamma: 2 }\n", "loss.gamma is not a setting of cross_entropy but of focal; those of cross_entropy are ")]
    [InlineData("optimizer: { kind: lion, decoupled: false }\n", "optimizer.decoupled is not a setting of lion but of adam, adamw, nadam, radam, sgd; ")]
    [InlineData("schedule: { kind: one_cycle, warmup_epochs: 1 }\n", "schedule.warmup_epochs is not a setting of one_cycle but of constant, ")]
    [InlineData("extends: base\nschedule: { kind: cosine, step_epochs: 3 }\n", "schedule.step_epochs is not a setting of cosine but of step; ")]
    public void A_key_of_another_kind_in_the_file_that_chooses_the_kind_is_an_error(string yaml, string message)
    {
        _folder.With("r.yaml", yaml);
        Assert.StartsWith(message, Assert.Throws<UsageException>(() => Load("r")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_kind_in_the_set_that_chooses_the_kind_is_an_error_in_any_order()
    {
        string[] set = ["loss.kind=cross_entropy", "loss.gamma=1"];
        foreach (var ordered in (string[][])[set, [.. set.Reverse()]])
        {
            var message = Assert.Throws<UsageException>(() => Load("base", ordered)).Message;
            Assert.StartsWith("loss.gamma is not a setting of cross_entropy", message, StringComparison.Ordinal);
        }

        Assert.Throws<UsageException>(() => Load("base", ["loss={ kind: cross_entropy, gamma: 1 }"]));
    }

    [Fact]
    public void Keys_of_a_replaced_kind_are_dropped_and_listed_and_common_keys_stay()
    {
        var (recipe, dropped) = RecipeFile.Read(Path.Combine(_folder.Root, "child.yaml"), []);
        Assert.Equal(new CrossEntropy { LabelSmoothing = 0.1 }, recipe.Loss);
        Assert.Equal(new AdamW { Beta1 = 0.8, LearningRate = 0.25 }, recipe.Optimizer);
        Assert.Equal(new OneCycle(), recipe.Schedule);
        Assert.Equal(
            ["loss.gamma", "optimizer.momentum", "schedule.gamma", "schedule.step_epochs", "schedule.warmup_epochs"],
            dropped.Select(d => d.Key).Order(StringComparer.Ordinal));
        Assert.Contains("Ignored schedule.step_epochs of base.yaml: one_cycle has no such option.", dropped.Select(d => d.ToString()));
    }

    [Fact]
    public void Keys_of_the_base_return_with_their_kind_and_shared_names_are_inherited()
    {
        Assert.Equal(new Focal { Gamma = 3, LabelSmoothing = 0.1 }, Load("grandchild").Loss);
        Assert.Equal(new Exponential { Gamma = 0.3, WarmupEpochs = 0 }, Load("base", ["schedule.kind=exponential"]).Schedule);
    }

    [Fact]
    public void A_key_of_another_kind_set_later_than_the_kind_has_no_effect_and_is_listed()
    {
        var (recipe, dropped) = RecipeFile.Read(Path.Combine(_folder.Root, "child.yaml"), ["loss.margin=0.2"]);
        Assert.Equal(new CrossEntropy { LabelSmoothing = 0.1 }, recipe.Loss);
        Assert.Contains(new DroppedKey("loss.margin", "cross_entropy", "--set"), dropped);
    }

    [Fact]
    public void Of_two_kinds_in_one_set_the_last_holds_and_keys_of_the_first_are_dropped()
    {
        var (recipe, dropped) = RecipeFile.Read(
            Path.Combine(_folder.Root, "base.yaml"), ["schedule.kind=one_cycle", "schedule.climb=0.2", "schedule.kind=constant"]);
        Assert.Equal(new Constant { WarmupEpochs = 0 }, recipe.Schedule);
        Assert.Contains(new DroppedKey("schedule.climb", "constant", "--set"), dropped);
    }

    [Fact]
    public void A_section_without_a_kind_has_the_default_kind_and_null_is_the_kinds_default()
    {
        _folder.With("r.yaml", "loss: { label_smoothing: 0.2 }\noptimizer: { beta1: null, epsilon: ~ }\n");
        var recipe = Load("r");
        Assert.Equal(new CrossEntropy { LabelSmoothing = 0.2 }, recipe.Loss);
        Assert.Equal(new AdamW(), recipe.Optimizer);
        Assert.Equal(new Cosine(), recipe.Schedule);
        Assert.Equal(1e-6, Assert.IsType<Lamb>(Load("r", ["optimizer.kind=lamb"]).Optimizer).Epsilon);
    }

    [Theory]
    [InlineData("loss.gamma=fast", "loss.gamma is \"fast\"", "a number")]
    [InlineData("optimizer.nesterov=3", "optimizer.nesterov is 3", "true or false")]
    [InlineData("optimizer.clip=hard", "optimizer.clip is \"hard\"", "one of norm, value, agc, off")]
    [InlineData("schedule.kind=3", "schedule.kind is 3", "one of constant, cosine, cosine_restarts, ")]
    [InlineData("schedule=null", "schedule is null", "a mapping with kind, ")]
    public void A_value_of_a_kind_that_does_not_fit_is_named_with_its_section(string setting, string found, string expected) => Assert.StartsWith(
        $"{found} in --set, expected {expected}", Assert.Throws<UsageException>(() => Load("base", [setting])).Message, StringComparison.Ordinal);

    private Recipe Load(string name, params string[] set) => RecipeFile.Load(Path.Combine(_folder.Root, $"{name}.yaml"), set);
}
