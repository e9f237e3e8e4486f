using System.Drawing;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Reports.Pages;

namespace SketchFlow.Tests.Data.Messages;

public class PrintableTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two\nlines\tand a tab", "two\nlines\tand a tab")]
    [InlineData("dos\r\nline", "dos\nline")]
    [InlineData("\u001b[31mred\u001b[0m", "\uFFFD[31mred\uFFFD[0m")]
    [InlineData("over\rwritten\b\u0007\u007f\u009b2J", "over\uFFFDwritten\uFFFD\uFFFD\uFFFD\uFFFD2J")]
    [InlineData("gpj.\u202Eexe", "gpj.\uFFFDexe")]
    [InlineData("a\u2028b\uFEFF", "a\uFFFDb\uFFFD")]
    [InlineData("素描 🎨 é", "素描 🎨 é")]
    public void Control_characters_are_replaced(string text, string expected) => Assert.Equal(expected, PrintableText.Clean(text));

    [Theory]
    [InlineData("{", "", " in line 1")]
    [InlineData("""{"X": ["a"]}""", "a value has the wrong type at $.X in line 1", "")]
    [InlineData("{\n\"X\": \"far\"}", "a value has the wrong type at $.X in line 2", "")]
    [InlineData("{\"X\": 1, }", "", " in line 1")]
    public void An_error_of_JSON_is_described_with_its_place_and_without_names_of_dotnet(string json, string start, string end)
    {
        var reason = PrintableText.Reason(Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<Point>(json)));
        Assert.StartsWith(start, reason, StringComparison.Ordinal);
        Assert.EndsWith(end, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("System", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_of_our_own_is_described_by_its_message() =>
        Assert.Equal("an entry has no name", PrintableText.Reason(new JsonException("an entry has no name.")));

    [Fact]
    public void Half_a_surrogate_pair_is_replaced() => Assert.Equal("half \uFFFD pair\uFFFD", PrintableText.Clean("half \uD83D pair\uDC00"));

    [Property]
    public void Clean_text_has_no_control_characters_and_stays_as_it_is(NonNull<string> text)
    {
        var clean = PrintableText.Clean(text.Get);
        Assert.DoesNotContain(clean, c => char.IsControl(c) && c is not ('\n' or '\t'));
        Assert.Equal(clean, PrintableText.Clean(clean));
        Assert.Equal(clean, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(clean)));
        Assert.DoesNotContain(PrintableText.Line(text.Get), char.IsControl);
    }

    [Property]
    public void A_cut_text_has_at_most_its_length_and_no_half_characters(PositiveInt length)
    {
        var text = string.Concat(Enumerable.Repeat("a🎨", 500));
        var cut = PrintableText.Clean(text, length.Get + 1);
        Assert.True(cut.Length <= length.Get + 1);
        Assert.Equal(cut, PrintableText.Clean(cut));
    }

    [Fact]
    public void Messages_rejections_and_pages_are_clean_and_short()
    {
        var text = "name\u001b[2J" + new string('x', 10_000);
        foreach (var message in new[] { new RefusalException(text).Message, new UsageException(text, new IOException()).Message })
        {
            Assert.DoesNotContain('\u001b', message);
            Assert.Equal(4000, message.Length);
        }

        var rejected = new Rejected(1, text, text);
        Assert.DoesNotContain('\u001b', rejected.ToString());
        Assert.True(rejected.Reason.Length <= 300, rejected.Reason);
        Assert.Equal(text, rejected.Path);
        var page = Path.GetTempFileName();
        new ReportPage("t\u0007").Text(text).Write(page);
        Assert.DoesNotContain(File.ReadAllText(page), c => char.IsControl(c) && c is not ('\n' or '\t'));
        File.Delete(page);
    }
}
