using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Training.Kinds;
using SketchFlow.Learning.Training.Losses;
using SketchFlow.Learning.Training.Optimizers;
using SketchFlow.Learning.Training.Schedules;

namespace SketchFlow.Tests.Learning.Training.Kinds;

/// <summary>Laws of every loss, optimiser and schedule, including those added later.</summary>
public class KindTests
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KindJson.AddKinds } },
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        IgnoreReadOnlyProperties = true,
    };

    public static TheoryData<string, string> All => [.. KindRegistry.Sections.SelectMany(s => KindRegistry.Known(s.Type).Keys.Select(k => (s.Name, k)))];

    [Theory]
    [MemberData(nameof(All))]
    public void Defaults_are_in_range_and_survive_json_and_every_option_is_described(string section, string name)
    {
        var (type, kind) = Find(section, name);
        if (kind is MultiStep { Milestones: null } steps)
        {
            // The one option that has no default.
            Assert.Contains("milestones", Assert.Throws<RefusalException>(steps.Check).Message, StringComparison.Ordinal);
            kind = steps with { Milestones = [1, 2.5] };
        }

        kind.Check();
        var text = JsonSerializer.Serialize(kind, type, Json);
        Assert.StartsWith($"{{\"kind\":\"{name}\",", text, StringComparison.Ordinal);
        var again = (Kind)JsonSerializer.Deserialize(text, type, Json)!;
        Assert.Equal(kind.ToString(), again.ToString());
        Assert.Equal(kind.GetType(), again.GetType());

        var page = KindCatalogue.All().Single(p => p.Section == section && p.Name == name);
        Assert.Equal(KindRegistry.OptionsOf(kind.GetType()).Select(KindRegistry.KeyOf), page.Options.Select(o => o.Key));
        Assert.All(page.Options, o => Assert.NotEqual("", o.Summary));
        Assert.All(page.Options, o => Assert.NotEqual("", o.Range));
        Assert.EndsWith(".", page.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Unknown_keys_are_refused(string section, string name) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize($"{{\"kind\":\"{name}\",\"nonsense\":1}}", Find(section, name).Section, Json));

    [Theory]
    [InlineData(typeof(CrossEntropy), "cross_entropy")]
    [InlineData(typeof(AsymmetricSoftmax), "asymmetric_softmax")]
    [InlineData(typeof(AdamW), "adamw")]
    [InlineData(typeof(NAdam), "nadam")]
    [InlineData(typeof(RAdam), "radam")]
    [InlineData(typeof(OneCycle), "one_cycle")]
    public void Names_are_the_types_in_snake_case_without_words_of_one_letter(Type kind, string name) => Assert.Equal(name, KindRegistry.NameOf(kind));

    [Fact]
    public void The_kinds_of_all_sections_are_found()
    {
        Assert.Equal(["asymmetric", "asymmetric_softmax", "binary_cross_entropy", "cross_entropy", "focal"], KindRegistry.Known(typeof(Loss)).Keys);
        Assert.Equal(["adam", "adamw", "adan", "lamb", "lion", "nadam", "radam", "sgd"], KindRegistry.Known(typeof(Optimizer)).Keys);
        Assert.Equal(
            ["constant", "cosine", "cosine_restarts", "exponential", "multi_step", "one_cycle", "plateau", "polynomial", "step"],
            KindRegistry.Known(typeof(Schedule)).Keys);
    }

    [Fact]
    public void An_option_out_of_range_is_named_with_its_value_and_range()
    {
        Assert.Equal("focal: gamma is -1, expected 0 or more.", Assert.Throws<RefusalException>(new Focal { Gamma = -1 }.Check).Message);
        Assert.Equal(
            "cross_entropy: class_weights is [1, 0], expected numbers above 0.",
            Assert.Throws<RefusalException>(new CrossEntropy { ClassWeights = [1, 0] }.Check).Message);
    }

    [Fact]
    public void The_catalogue_has_defaults_and_ranges()
    {
        var adamw = KindCatalogue.All().Single(p => p.Name == "adamw");
        Assert.Equal(("true", "true, false"), adamw.Options.Single(o => o.Key == "decoupled") is var d ? (d.Default, d.Range) : default);
        Assert.Equal(("0.9", "0 to below 1", false), adamw.Options.Single(o => o.Key == "beta1") is var b ? (b.Default, b.Range, b.IsCommon) : default);
        Assert.Equal(("norm", "norm, value, agc, off", true), adamw.Options.Single(o => o.Key == "clip") is var c ? (c.Default, c.Range, c.IsCommon) : default);
    }

    private static (Type Section, Kind Kind) Find(string section, string name)
    {
        var type = KindRegistry.Sections.Single(s => s.Name == section).Type;
        return (type, (Kind)Activator.CreateInstance(KindRegistry.Known(type)[name])!);
    }
}
