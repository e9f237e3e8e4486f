using System.Buffers;
using System.Text;
using FsCheck.Xunit;
using SketchFlow.Data.Encodings;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Tests.Data.Encodings;

public class TextEncodingsTests
{
    // Guesses are about the words between these.
    private static readonly SearchValues<byte> _separators = SearchValues.Create(",;\t\r\n/\""u8);

    [Theory]
    [InlineData("utf-8", 65001)]
    [InlineData("UTF8", 65001)]
    [InlineData("latin1", 1252)]
    [InlineData("ISO-8859-1", 1252)]
    [InlineData("Windows-1251", 1251)]
    [InlineData("cp949", 949)]
    [InlineData("EUC-KR", 949)]
    [InlineData("949", 949)]
    [InlineData("sjis", 932)]
    [InlineData("shift_jis", 932)]
    [InlineData(" gbk ", 54936)]
    [InlineData("big5", 950)]
    [InlineData("ibm850", 850)]
    [InlineData("koi8-r", 20866)]
    [InlineData("utf-16", 1200)]
    public void Encodings_are_found_by_the_names_that_programs_write(string name, int codePage) =>
        Assert.Equal(codePage, TextEncodings.Find(name).CodePage);

    [Theory]
    [InlineData("windws-1252", "(did you mean 'windows-1252'?)")]
    [InlineData("klingon", "There is no encoding 'klingon'; expected a name such as utf-8")]
    [InlineData("", "There is no encoding ''")]
    [InlineData("cp99999", "There is no encoding 'cp99999'")]
    [InlineData("99999999999", "There is no encoding '99999999999'")]
    public void Other_names_are_refused_with_the_nearest(string name, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<UsageException>(() => TextEncodings.Find(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("cat,café/1.png\ntea,thé/1.png", "windows-1252", "windows-1252")]
    [InlineData("Größe", "windows-1252", "windows-1252")]
    [InlineData("고양이", "cp949", "cp949")]
    [InlineData("강아지/1.png\n고양이/2.png", "cp949", "cp949")]
    [InlineData("ねこ\nいぬ\nとり", "shift_jis", "shift_jis")]
    [InlineData("ねこ\nいぬ\nとり", "euc-jp", "euc-jp")]
    [InlineData("猫咪\n小狗\n大象", "gb18030", "gb18030")]
    [InlineData("貓咪\n小狗\n大象", "big5", "big5")]
    [InlineData("кошка\nсобака\nслон", "windows-1251", "windows-1251")]
    [InlineData("кошка\nсобака\nслон", "koi8-r", "koi8-r")]
    [InlineData("кошка\nсобака", "cp866", "cp866")]
    [InlineData("kočka\npes\nžirafa", "windows-1250", "windows-1250")]
    [InlineData("Käse\nTür", "cp850", "cp850")]
    [InlineData("class_name,image_path,target", "utf-16", "utf-16")]
    [InlineData("class_name,image_path,target", "utf-16BE", "utf-16BE")]
    public void The_encoding_of_short_names_is_guessed(string text, string encoding, string guess) =>
        Assert.Equal(guess, EncodingGuess.Find(TextEncodings.Find(encoding).GetBytes(text)));

    [Property(MaxTest = 300)]
    public void A_guess_is_an_encoding_in_which_the_bytes_are_text(byte[] bytes)
    {
        if (EncodingGuess.Find(bytes) is { } guess && !guess.StartsWith("utf-16", StringComparison.Ordinal))
        {
            Assert.True(TextEncodings.CanDecode(bytes, TextEncodings.Find(guess)) || bytes.AsSpan().ContainsAny(_separators));
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_and_never_become_a_replacement_character()
    {
        Assert.False(TextEncodings.CanDecode([0x63, 0x61, 0x66, 0xE9], TextEncodings.Utf8));
        Assert.Throws<DecoderFallbackException>(() => TextEncodings.Utf8.GetString([0xFF]));
        Assert.Throws<DecoderFallbackException>(() => TextEncodings.Find("shift_jis").GetString([0x81]));
        Assert.True(TextEncodings.CanDecode("고양이"u8, TextEncodings.Utf8));
    }

    [Theory]
    [InlineData("e\u0301", "é")]
    [InlineData("\u1100\u1169\u110B\u1163\u11BC\u110B\u1175", "고양이")]
    [InlineData("A\u030A", "Å")]
    [InlineData("\u212B", "Å")]
    [InlineData("o\u0323\u0302", "ộ")]
    [InlineData("ascii", "ascii")]
    public void Names_are_equal_in_either_form(string name, string composed)
    {
        Assert.Equal(composed, ComposedNames.Compose(name));
        Assert.True(ComposedNames.Comparer.Equals(name, composed));
        Assert.Equal(ComposedNames.Comparer.GetHashCode(name), ComposedNames.Comparer.GetHashCode(ComposedNames.Decompose(name)));
        Assert.False(ComposedNames.Comparer.Equals(name, composed + "x"));
    }

    [Property(MaxTest = 300)]
    public void Composing_is_idempotent_and_never_fails(string? name)
    {
        foreach (var text in (string[])[name ?? "", $"{name}\uD800", $"\uDC00\uFFFE{name}"])
        {
            var once = ComposedNames.Compose(text);
            Assert.Equal(once, ComposedNames.Compose(once));
            Assert.Equal(once, ComposedNames.Compose(ComposedNames.Decompose(text)));
        }
    }
}
