using SketchFlow.Data.Files;

namespace SketchFlow.Tests.Data.Files;

public class MarkdownTableTests
{
    [Fact]
    public void Each_row_is_a_line_and_numbers_are_aligned_to_the_right() => Assert.Equal(
        "| model | rate |\n| --- | ---: |\n| a | 1.0 |\n| b |  |\n",
        MarkdownTable.Write(["model", "rate"], [["a", "1.0"], ["b", ""]], numbers: true));

    [Fact]
    public void No_cell_breaks_its_row() => Assert.Equal(
        "| reason |\n| --- |\n| two lines and a \\| pipe |\n",
        MarkdownTable.Write(["reason"], [["two\nlines and a | pipe"]]));
}
