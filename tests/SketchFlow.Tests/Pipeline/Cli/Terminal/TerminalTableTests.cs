using FsCheck.Xunit;
using SketchFlow.Pipeline.Cli.Terminal;

namespace SketchFlow.Tests.Pipeline.Cli.Terminal;

public sealed class TerminalTableTests
{
    private const string Sentence = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";

    private static readonly int[] _widths = [40, 80, 100, 200];

    [Property(MaxTest = 200)]
    public void No_line_is_wider_than_the_terminal_and_no_word_is_cut(int seed)
    {
        var random = new Random(seed);
        var columns = random.Next(1, 9);
        var (table, cells) = (new TerminalTable(), new List<string[]>());
        for (var c = 0; c < columns; c++)
        {
            _ = random.Next(2) == 0 ? table.Text(Words(random, 3), random.Next(4)) : table.Number(Words(random, 3), random.Next(4));
        }

        for (var r = random.Next(5); r >= 0; r--)
        {
            cells.Add([.. Enumerable.Range(0, columns).Select(_ => Words(random, 6))]);
            table.Row([.. cells[^1].Select(c => new TableCell(c))]);
        }

        foreach (var width in _widths)
        {
            var lines = table.Lines(width);
            Assert.All(lines, line => Assert.InRange(TerminalWidth.Of(line), 0, width));
            // Every word of the output is a word of the table: none was cut.
            var known = cells.SelectMany(c => c).SelectMany(WordWrap.Words).ToHashSet(StringComparer.Ordinal);
            var printed = lines.SkipWhile(l => !l.StartsWith('─')).Skip(1).TakeWhile(l => !l.StartsWith("Not shown", StringComparison.Ordinal));
            Assert.All(printed.SelectMany(WordWrap.Words), word => Assert.Contains(word, known));
        }
    }

    [Property(MaxTest = 50)]
    public void A_file_or_a_pipe_receives_each_row_with_all_columns_in_one_line(int seed)
    {
        var random = new Random(seed);
        var table = new TerminalTable().Text("first").Number("second", 3).Text("third", 1);
        string[][] rows = [.. Enumerable.Range(0, 4).Select(_ => (string[])[Words(random, 9), Words(random, 9), Words(random, 9)])];
        Array.ForEach(rows, r => table.Row([.. r.Select(c => new TableCell(c))]));
        var lines = table.Lines(null);
        Assert.Equal(6, lines.Count);
        Assert.All(rows.Zip(lines.Skip(2)), p => Assert.All(p.First, cell => Assert.Contains(cell, p.Second, StringComparison.Ordinal)));
    }

    [Fact]
    public void Columns_of_the_highest_rank_are_left_out_first_and_named()
    {
        var table = new TerminalTable().Text("run").Number("accuracy").Text("remarks", rank: 2).Text("when", rank: 1)
            .Row("resnet18-sketchy125-1", "71.23 %", Sentence, "2026-11-30 01:40");
        Assert.Contains("remarks", table.Lines(200)[0], StringComparison.Ordinal);
        var narrow = table.Lines(60);
        Assert.Equal("run                    accuracy              when", narrow[0].Replace("  when", "              when", StringComparison.Ordinal)[..49]);
        Assert.Equal("Not shown at this width: remarks (wider terminal, or COLUMNS=200).", string.Join(' ', narrow.TakeLast(2).Select(l => l.Trim())));
        Assert.Contains("remarks, when", table.Lines(45)[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void Where_even_the_columns_that_are_always_shown_do_not_fit_each_row_is_a_block()
    {
        var name = new string('n', 30);
        var lines = new TerminalTable().Text("run").Text("other").Number("gain")
            .Row(name, name, "+1.00").Row(name, "", "-1.00").Lines(40);
        Assert.Equal([name, $"  other: {name}", "  gain: +1.00", name, "  gain: -1.00"], lines);
    }

    [Fact]
    public void Names_without_spaces_and_wide_characters_keep_their_columns()
    {
        var lines = new TerminalTable().Text("class").Number("rows").Row("猫", "3").Row("dog", "10").Lines(80);
        Assert.Equal(["class  rows", "─────  ────", "猫        3", "dog      10"], lines);
    }

    private static string Words(Random random, int most) =>
        string.Join(' ', Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => new string((char)('a' + random.Next(26)), random.Next(1, 10))));
}
