using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Ensembles;
using SketchFlow.Pipeline.Experiments.Sweeps;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Recipes;

/// <summary>YAML that was made to exhaust memory, the stack or the reader's patience: each is answered by one sentence, quickly.</summary>
public sealed class YamlLimitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("laughs.yaml", "its aliases repeat more than 10000 values")]
    [InlineData("cyc.yaml", "the alias *x is inside of what it repeats (line 4, key optimizer.more)")]
    [InlineData("extnum.yaml", "extends is 5 in ")]
    [InlineData("n1.yaml", "schedule is null in n1.yaml (line 1), expected a mapping with kind")]
    [InlineData("recipe-other-132.bin", "extends is 18 in ")]
    [InlineData("recipe-other-2616.bin", "is not YAML: ")]
    public void A_recipe_of_the_cases_is_refused_in_one_sentence(string name, string sentence) =>
        AssertSentence(sentence, () => RecipeFile.Load(Case(name), []));

    [Fact]
    public void An_empty_section_has_its_defaults() =>
        Assert.Equal(new Recipe().Preparation, RecipeFile.Load(Case("n2.yaml"), []).Preparation);

    [Theory]
    [InlineData("s_cyc.yaml", "the alias *x is inside of what it repeats (line 2, key metric.goal)")]
    [InlineData("s_key.yaml", "a key is a list, expected text (line 4, key parameters)")]
    public void A_sweep_of_the_cases_is_refused_in_one_sentence(string name, string sentence) => AssertSentence(sentence, () => SweepFile.Read(Case(name)));

    [Fact]
    public void An_ensemble_of_the_cases_is_refused_in_one_sentence() =>
        AssertSentence("members[0] has no value (line 3)", () => EnsembleFile.Load(Case("ens-null-member.yaml")));

    [Theory]
    [InlineData("a: &x [*x]", "the alias *x is inside of what it repeats (line 1, key a[0])")]
    [InlineData("a: &x {b: &y [*x]}", "the alias *x is inside of what it repeats (line 1, key a.b[0])")]
    [InlineData("a: *x", "the alias *x has no anchor before it (line 1, key a)")]
    [InlineData("a: 1\n---\nb: 2", "a second document begins, expected one; remove the line --- (line 2)")]
    [InlineData("a: 1\n...\n---\nb: 2\n", "a second document begins")]
    [InlineData("a: 1\nb: 2\na: 3", "the key a occurs twice (line 3)")]
    [InlineData("{a: 1}: 2", "a key is a mapping, expected text (line 1)")]
    [InlineData("a: 1\n*b : 2", "(line 2)")]
    [InlineData("a: !!python/object:os.system ls", "the tag tag:yaml.org,2002:python/object:os.system is not supported")]
    [InlineData("a: !mine {b: 1}", "the tag !mine is not supported")]
    [InlineData("a: 1\nb: \"no end", "is not YAML: ")]
    [InlineData("a:\n\t- 1", "is not YAML: ")]
    [InlineData("a: [1, 2", "is not YAML: ")]
    [InlineData("a: 1\0b: 2", "it has a NUL character (line 1)")]
    [InlineData("%YAML 9.9\n---\na: 1", "is not YAML: ")]
    [InlineData("a: @x", "is not YAML: ")]
    [InlineData("a: [1,\n2]", "its lines and brackets do not fit together (line ")]
    public void A_text_that_is_not_one_document_is_refused_with_the_line(string yaml, string sentence) =>
        AssertSentence(sentence, () => YamlJson.Read(yaml, "text"));

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("[{a: ")]
    public void Nesting_is_bounded(string opening) =>
        AssertSentence("contain each other", () => YamlJson.Read($"a: {string.Concat(Enumerable.Repeat(opening, 100_000))}", "text"));

    [Fact]
    public void Nesting_by_indentation_and_by_dashes_is_bounded()
    {
        var deep = new StringBuilder();
        for (var i = 0; i < 2000; i++)
        {
            deep.Append(' ', i).Append("a:\n");
        }

        AssertSentence("contain each other", () => YamlJson.Read(deep.ToString(), "text"));
        AssertSentence("contain each other", () => YamlJson.Read(string.Concat(Enumerable.Repeat("- ", 5000)), "text"));
    }

    [Fact]
    public void Length_values_and_repeated_text_are_bounded()
    {
        AssertSentence("a value has 100001 characters", () => YamlJson.Read($"a: {new string('x', 100_001)}", "text"));
        AssertSentence("more than 500000 keys and values", () => YamlJson.Read($"[{string.Concat(Enumerable.Repeat("1,", 500_001))}]", "text"));
        AssertSentence(
            "1000000 characters", () => YamlJson.Read($"a: &a {new string('x', 90_000)}\nb: [{string.Join(", ", Enumerable.Repeat("*a", 20))}]", "text"));
        _folder.With("long.yaml", $"a: [{string.Concat(Enumerable.Repeat("1,\n", 6_000_000))}]");
        AssertSentence("is too long for YAML", () => RecipeFile.Load(_folder["long.yaml"], []));
    }

    [Fact]
    public void Aliases_within_the_limits_repeat_what_they_name()
    {
        Assert.Equal(
            """{"a":{"b":[1,2]},"c":{"b":[1,2]},"d":[{"b":[1,2]},1]}""",
            YamlJson.Read("a: &x {b: [1, 2]}\nc: *x\nd: [*x, 1]", "text")!.ToJsonString());
        Assert.Equal("""{"a":"1","b":1,"c":["1"]}""", YamlJson.Read("a: !!str 1\nb: !!int 1\nc: !!seq [!!str 1]", "text")!.ToJsonString());
    }

    [Fact]
    public void A_text_in_another_encoding_is_refused_and_marks_of_byte_order_are_known()
    {
        File.WriteAllBytes(_folder["latin.yaml"], [.. "description: caf"u8, 0xE9, (byte)'\n']);
        AssertSentence("is not encoded in UTF-8", () => RecipeFile.Load(_folder["latin.yaml"], []));
        File.WriteAllText(_folder["utf16.yaml"], "description: café\n", Encoding.Unicode);
        Assert.Equal("café", RecipeFile.Load(_folder["utf16.yaml"], []).Description);
    }

    [Theory]
    [InlineData("sizes: [~]", "sizes[0] has no value in r.yaml (line 1)")]
    [InlineData("augmentation:\n  - rotate\n  -\n", "augmentation[1] has no value in r.yaml (line 3)")]
    [InlineData("epochs: 3\nmodel: 5", "model is 5 in r.yaml (line 2), expected a mapping with")]
    [InlineData("epochs: 3\ndata: [1]", "data is [1] in r.yaml (line 2), expected a mapping with")]
    [InlineData("epochs: many", "epochs is \"many\" in r.yaml (line 1), expected a whole number")]
    [InlineData("epochs: 1\noptimizer:\n  kind: adamw\n  learning_rate: fast", "learning_rate is \"fast\" in r.yaml (line 4), expected a number")]
    [InlineData("extends: [a]", "extends is [\"a\"] in ")]
    [InlineData("extends:", "extends is null in ")]
    public void A_node_of_the_wrong_kind_is_named_with_its_line(string yaml, string sentence)
    {
        _folder.With("r.yaml", yaml);
        AssertSentence(sentence, () => RecipeFile.Load(_folder["r.yaml"], []));
    }

    [Theory]
    [InlineData("model")]
    [InlineData("data")]
    [InlineData("preparation")]
    [InlineData("mixing")]
    [InlineData("ema")]
    [InlineData("stopping")]
    [InlineData("finetune")]
    [InlineData("checkpoints")]
    [InlineData("augmentation")]
    [InlineData("sizes")]
    [InlineData("epochs")]
    [InlineData("architecture")]
    public void A_key_without_a_value_has_its_default(string key)
    {
        _folder.With("r.yaml", $"{key}:\n");
        Assert.Equal(RecipeFile.Write(new Recipe()), RecipeFile.Write(RecipeFile.Load(_folder["r.yaml"], [])));
    }

    [Theory]
    [InlineData("2024")]
    [InlineData("09")]
    [InlineData("dir #1")]
    [InlineData("a: b")]
    [InlineData("[x")]
    [InlineData("1e5")]
    [InlineData("true")]
    [InlineData("'quoted'", "quoted")]
    [InlineData("\"2024\"", "2024")]
    [InlineData("null", null)]
    public void A_folder_that_is_set_without_quotes_is_taken_as_it_stands(string given, params string?[] expected) => Assert.Equal(
        expected is [var other] ? other : expected is null ? null : given,
        RecipeFile.Load(RecipeFile.Find("resnet18"), [$"data.path={given}"]).Data.Path);

    [Property]
    public void Every_text_survives_writing_and_reading(NonNull<string> text, NonNull<string> key)
    {
        // Lone surrogates are no text.
        var (value, name) = (Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Get)), Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(key.Get)));
        var tree = new JsonObject { [name] = value, ["list"] = new JsonArray(value, 1, null, true), ["map"] = new JsonObject { ["inner"] = value } };
        Assert.Equal(tree.ToJsonString(), YamlJson.Read(YamlJson.Write(tree), "text")!.ToJsonString());
    }

    /// <summary>Numbers are rare among random texts: YAML 1.1 has 09 as text, YAML 1.2 as 9.</summary>
    [Property(MaxTest = 300)]
    public void Text_that_looks_like_a_number_survives_writing_and_reading(int seed)
    {
        const string Alphabet = "0012389+-._eExXo~:nulTtrueN";
        var random = new System.Random(seed);
        var text = string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
        Assert.Equal(text, YamlJson.Read(YamlJson.Write(new JsonObject { ["text"] = text }), "text")!["text"]!.GetValue<string>());
    }

    [Property(MaxTest = 300)]
    public void Any_text_is_read_or_refused_in_one_sentence(int seed)
    {
        const string Alphabet = "abx:: --[]{},,&*!|>'\"%@`?#~0\n\n\n  \t\\<.=";
        var random = new System.Random(seed);
        var text = string.Concat(Enumerable.Range(0, random.Next(1, 80)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
        try
        {
            YamlJson.Read(text, "text");
        }
        catch (RefusalException e)
        {
            Assert.StartsWith("text is not YAML: ", e.Message, StringComparison.Ordinal);
        }
    }

    private static string Case(string name) => Path.Combine(Reference.Folder, "cases", "yaml", name);

    private static void AssertSentence(string sentence, Func<object?> read)
    {
        var (before, watch) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
        var refusal = Assert.ThrowsAny<Exception>(() => read());
        Assert.True(refusal is RefusalException or UsageException, refusal.ToString());
        Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 600 << 20, "allocated too much");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed}");
    }
}
