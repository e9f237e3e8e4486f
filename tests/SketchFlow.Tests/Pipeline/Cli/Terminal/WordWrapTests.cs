using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

public sealed class WordWrapTests
{
    [Property(MaxTest = 300)]
    public void Lines_fit_keep_every_word_and_only_a_word_that_is_too_wide_exceeds_them(NonNull<string>[] words, PositiveInt size)
    {
        var width = 20 + (size.Get % 100);
        var text = string.Join(' ', words.Select(w => string.Concat(w.Get.Where(char.IsAsciiLetterOrDigit))).Where(w => w.Length > 0));
        var lines = WordWrap.Line(text, width);
        Assert.Equal(text, string.Join(' ', lines.Select(l => l.Trim())));
        Assert.All(lines, line => Assert.True(line.Length <= width || !line.Trim().Contains(' ', StringComparison.Ordinal), line));
        Assert.All(lines.Skip(1), line => Assert.StartsWith("  ", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("A small network. It trains in a minute.", "A small network")]
    [InlineData("A small network; trains in a minute.", "A small network")]
    [InlineData("A small network.", "A small network")]
    public void The_first_clause_ends_before_its_full_stop(string text, string clause) => Assert.Equal(clause, WordWrap.FirstClause(text));

    [Fact]
    public void A_percent_sign_stays_with_its_number() =>
        Assert.Equal(["accuracy", "  71.23 %"], WordWrap.Line("accuracy 71.23 %", 16 - 1));
}
