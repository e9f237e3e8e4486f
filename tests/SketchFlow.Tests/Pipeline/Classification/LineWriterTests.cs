using System.Globalization;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Cli.Verbs.Classify;

namespace SketchFlow.Tests.Pipeline.Classification;

public sealed class LineWriterTests
{
    private static readonly ClassifiedImage _image = new(
        "cat.png", [.. new[] { "hot-air balloon", "airplane", "banana" }.Select((name, i) => new ClassProbability(new ClassName(name), i, 0.5 - (0.2 * i)))]);

    [Fact]
    public void A_file_gets_all_classes_in_one_line() =>
        Assert.Equal(["cat.png  hot-air balloon 50.00 %  airplane 30.00 %  banana 10.00 %"], Lines(null, writesAll: false));

    [Fact]
    public void A_narrow_terminal_gets_the_most_probable_classes() =>
        Assert.Equal(["cat.png  hot-air balloon 50.00 %"], Lines(40, writesAll: false));

    [Fact]
    public void Classes_whose_number_was_given_continue_under_the_first() => Assert.Equal(
        ["cat.png  hot-air balloon 50.00 %", "         airplane 30.00 %", "         banana 10.00 %"], Lines(34, writesAll: true));

    private static string[] Lines(int? width, bool writesAll)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        new LineWriter(output, width, 0, writesAll).Write(_image);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
