using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Cli.Options;
using SketchFlow.Pipeline.Cli.Verbs;

namespace SketchFlow.Tests.Pipeline.Cli.Options;

/// <summary>A wrong command line gets one sentence with the nearest name, and the command that shows help.</summary>
public sealed class UsageErrorsTests
{
    [Theory]
    [InlineData("Unknown option --epoch of train (did you mean '--epochs'?). Try: sketchflow train --help", "train", "--epoch", "3")]
    [InlineData("Unknown option --modle of train (did you mean '--model'?). Try: sketchflow train --help", "train", "--modle=x")]
    [InlineData("Unknown option --label_smothing of train (did you mean '--label-smoothing'?). Try: sketchflow train --help", "train", "--label_smothing=0")]
    [InlineData("Unknown command trian (did you mean 'train'?). Try: sketchflow --help", "trian", "--epochs", "3")]
    [InlineData("Unknown command bench lodaer (did you mean 'loader'?). Try: sketchflow bench --help", "bench", "lodaer")]
    [InlineData("Unknown setting epohcs (did you mean 'epochs'?); sketchflow recipes keys lists all. Try: sketchflow train --help", "train", "epohcs=3")]
    [InlineData("--epochs is 'many', expected a whole number. Try: sketchflow train --help", "train", "--epochs", "many")]
    [InlineData("--lr is '1e', expected a number. Try: sketchflow train --help", "train", "--lr", "1e")]
    [InlineData("--lr is given 2 times (1, 2), expected once. Try: sketchflow train --help", "train", "--lr", "1", "--lr", "2")]
    [InlineData("--epochs has no value, expected a whole number. Try: sketchflow train --help", "train", "--epochs")]
    [InlineData("Unexpected argument c; score takes 2 arguments only. Try: sketchflow score --help", "score", "a", "b", "c")]
    [InlineData(
        "--method is 'gredy' (did you mean 'greedy'?), expected auto, exhaustive, greedy, bagged, forward, backward, swap, climb, all. "
        + "Try: sketchflow ensemble --help",
        "ensemble", "--method", "gredy")]
    public void The_sentence_names_what_was_meant(string sentence, params string[] arguments)
    {
        var parsed = VerbTree.Parse(arguments);

        Assert.NotEmpty(parsed.Errors);
        Assert.Equal(sentence, UsageErrors.Describe(parsed));
    }

    [Fact]
    public void An_option_of_other_verbs_names_them() => Assert.Equal(
        "Unknown option --tta of evaluate; it is an option of classify, predict, export. Try: sketchflow evaluate --help",
        UsageErrors.Describe(VerbTree.Parse(["evaluate", "--tta", "hflip"])));

    [Property(MaxTest = 100)]
    public void Any_words_are_a_command_or_one_sentence(NonNull<string>[] words, byte pick)
    {
        string[] verbs = ["train", "predict", "runs", "sweep", "bench loader", "data doodles", ""];
        string[] line = [.. verbs[pick % verbs.Length].Split(' ', StringSplitOptions.RemoveEmptyEntries), .. words.Select(w => w.Get)];
        try
        {
            var parsed = VerbTree.Parse(line);
            if (parsed.Errors.Count > 0)
            {
                var sentence = UsageErrors.Describe(parsed);
                Assert.DoesNotContain('\n', sentence);
                Assert.DoesNotContain("System.", sentence, StringComparison.Ordinal);
                Assert.Contains("Try: sketchflow", sentence, StringComparison.Ordinal);
            }
        }
        catch (UsageException)
        {
            // A verb of another tool.
        }
    }

    [Fact]
    public void The_program_prints_the_sentence_alone()
    {
        var result = ProgramRunner.Run(Path.GetTempPath(), "train", "--epoch", "3");

        Assert.Equal(2, result.ExitCode);
        Assert.Equal("Unknown option --epoch of train (did you mean '--epochs'?). Try: sketchflow train --help", result.Error.Trim());
    }
}
