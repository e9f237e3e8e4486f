using SketchFlow.Pipeline.Cli.Verbs;
using SketchFlow.Pipeline.Runs;

namespace SketchFlow.Tests.Pipeline.Cli.Verbs;

public class SoupVerbTests
{
    [Theory]
    [InlineData("next: sketchflow predict --run soup", true, true)]
    [InlineData("soup equals b: no other weights helped.", false, true)]
    public void The_last_line_says_how_to_continue_or_that_nothing_was_gained(string text, bool first, bool second) =>
        Assert.Equal(text, SoupVerb.Conclude("soup", [Ingredient("a", "best.safetensors", first), Ingredient("b", "best.safetensors", second)]));

    [Fact]
    public void Of_several_checkpoints_of_a_run_the_kept_one_is_named() => Assert.Equal(
        "soup equals a epoch-2.safetensors: no other weights helped.",
        SoupVerb.Conclude("soup", [Ingredient("a", "epoch-1.safetensors", false), Ingredient("a", "epoch-2.safetensors", true)]));

    private static SoupIngredient Ingredient(string run, string file, bool kept) => new(run, Path.Combine("runs", run, file), "", 0.5, 1, kept);
}
