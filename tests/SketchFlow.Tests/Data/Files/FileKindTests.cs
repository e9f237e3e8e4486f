using System.Text;
using FsCheck.Xunit;
using SketchFlow.Data.Files;

namespace SketchFlow.Tests.Data.Files;

/// <summary>Files of other kinds are named in messages, by their bytes.</summary>
public sealed class FileKindTests
{
    [Theory]
    [InlineData("00000018667479706865696300000000", "a HEIC image")]
    [InlineData("0000001C667479706D696631000000006D69663168656963", "a HEIC image")]
    [InlineData("0000001C667479706D6966310000000061766966", "an AVIF image")]
    [InlineData("0000001C6674797061766966000000006D696631", "an AVIF image")]
    [InlineData("00000010667479706D69663100000000", "a HEIF image")]
    [InlineData("000000186674797069736F6D0000020069736F6D", "an MP4 or QuickTime video")]
    [InlineData("0000000C6A5020200D0A870A", "a JPEG 2000 image")]
    [InlineData("FF4FFF51002F0000", "a JPEG 2000 image")]
    [InlineData("FF0A7A1F10900500", "a JPEG XL image")]
    [InlineData("0000000C4A584C200D0A870A", "a JPEG XL image")]
    [InlineData("FFD8FFF7000B0800", "a JPEG-LS image")]
    [InlineData("4949BC0120000000", "a JPEG XR image")]
    [InlineData("384250530001", "a Photoshop document")]
    [InlineData("000001000100", "a Windows icon")]
    [InlineData("FFD8FFE000104A464946", "a JPEG image")]
    [InlineData("89504E470D0A1A0A0000000D", "a PNG image")]
    [InlineData("424D460000000000000036000000280000000200", "a BMP image")]
    [InlineData("524946462400000057454250", "a WebP image")]
    [InlineData("5249464624000000574156456D", "a WAV recording")]
    [InlineData("504B030414000000", "a ZIP archive")]
    [InlineData("1F8B0800", "a gzip file")]
    [InlineData("377ABCAF271C0004", "a 7-Zip archive")]
    [InlineData("526172211A070100", "a RAR archive")]
    [InlineData("50415231", "a Parquet file")]
    [InlineData("934E554D5059", "a NumPy array")]
    [InlineData("8002637478", "a Python pickle")]
    [InlineData("08000000000000007B7D20202020", "a safetensors file")]
    [InlineData("00051607000200004D6163204F532058", "a companion file of macOS (._name)")]
    [InlineData("00000000000000000000000000000000", "a file of zeros")]
    [InlineData("FFFE3C00680074006D006C003E00", "an HTML page")]
    public void Binary_files_are_recognised_by_their_signature(string hex, string name) =>
        Assert.Equal(name, FileKind.Recognise(Convert.FromHexString(hex))?.Name);

    [Theory]
    [InlineData("", "an empty file")]
    [InlineData("%PDF-1.7\n%\u00e2\u00e3", "a PDF document")]
    [InlineData("%!PS-Adobe-3.0 EPSF-3.0", "a PostScript file")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n", "a Git LFS pointer")]
    [InlineData("<!DOCTYPE html>\n<html lang=\"en\">", "an HTML page")]
    [InlineData("\uFEFF\r\n  <HTML><HEAD><TITLE>403 Forbidden</TITLE>", "an HTML page")]
    [InlineData("<!-- saved from a browser -->\n<html>", "an HTML page")]
    [InlineData("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\">", "an HTML page")]
    [InlineData("<script>location.href='/login'</script>", "an HTML page")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='10'/>", "an SVG drawing")]
    [InlineData("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Inkscape -->\n<svg>", "an SVG drawing")]
    [InlineData("<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" [<!ENTITY a \"b\">]>", "an SVG drawing")]
    [InlineData("<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>", "an XML file")]
    [InlineData("{\"error\": \"not found\"}", "a JSON text")]
    [InlineData("data:image/png;base64,iVBORw0KGgo=", "a data URI with the image in Base64")]
    [InlineData("P5 3 2 255\n", "a portable pixmap (PBM, PGM or PPM)")]
    [InlineData("P3\n3 2\n255\n", "a portable pixmap (PBM, PGM or PPM)")]
    [InlineData("404: Not Found", "a text file")]
    [InlineData("\u4eca\u65e5\u306f", "a text file")]
    [InlineData(" \r\n ", "a file of spaces")]
    public void Texts_are_recognised_by_how_they_begin(string text, string name) =>
        Assert.Equal(name, FileKind.Recognise(Encoding.UTF8.GetBytes(text))?.Name);

    [Fact]
    public void A_tar_archive_and_a_DICOM_image_have_their_signatures_further_on()
    {
        var file = new byte[600];
        file[0] = (byte)'a';
        "ustar"u8.CopyTo(file.AsSpan(257));
        Assert.Equal("a tar archive", FileKind.Recognise(file)?.Name);
        "DICM"u8.CopyTo(file.AsSpan(128));
        Assert.Equal("a DICOM image", FileKind.Recognise(file)?.Name);
    }

    [Fact]
    public void A_page_in_an_older_encoding_and_a_character_cut_in_two_are_still_texts()
    {
        Assert.Equal("an HTML page", FileKind.Recognise([.. "<html><body>Zugriff verweigert: "u8, 0xFC, .. "bung</body>"u8])?.Name);
        Assert.Equal("a text file", FileKind.Recognise([.. "drawings "u8, 0xE4, 0xBB])?.Name);
    }

    [Property(MaxTest = 300)]
    public bool Any_bytes_give_a_kind_or_none(byte[] bytes) => FileKind.Recognise(bytes) is null or { Name.Length: > 0 };

    [Property(MaxTest = 300)]
    public bool Bytes_with_a_control_character_are_no_text(byte[] bytes) =>
        FileKind.Recognise([0xC1, 0x00, 0x01, .. bytes])?.Name is not ("a text file" or "a JSON text" or "an HTML page");

    [Fact]
    public void The_sentence_names_what_was_found_what_was_expected_and_the_remedy()
    {
        Assert.Equal(
            "a Git LFS pointer, not an image; run git lfs pull, or download the file itself",
            FileKind.Recognise("version https://git-lfs.github.com/spec/v1"u8)?.InsteadOf("an image"));
        Assert.Equal("a text file, not an image", FileKind.Recognise("hello"u8)?.InsteadOf("an image"));
    }
}
