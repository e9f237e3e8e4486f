using System.Globalization;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;
using SketchFlow.Imaging.Augmentation.Geometry;
using SketchFlow.Imaging.Augmentation.Tone;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.Inspection;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Pipeline.Preparing;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>What <c>transforms list</c>, <c>apply</c> and <c>preview</c> tell and write.</summary>
public sealed class TransformCatalogueTests
{
    [Fact]
    public void Every_transform_and_option_is_described_with_its_default()
    {
        var pages = TransformCatalogue.All();
        Assert.Equal(Transform.Known.Keys, pages.Select(p => p.Name));
        Assert.All(pages, page =>
        {
            Assert.NotEmpty(page.Meaning);
            Assert.Equal("p", page.Options[^1].Name);
            Assert.Equal("0 to 1", page.Options[^1].Range);
            Assert.All(page.Options, option => Assert.True(option.Meaning.Length > 0 && option.Default.Length > 0, $"{page.Name} {option.Name}"));
        });
    }

    [Fact]
    public void Ranges_are_those_that_the_checks_hold_to()
    {
        foreach (var (name, type) in Transform.Known)
        {
            var page = TransformCatalogue.All().Single(p => p.Name == name);
            foreach (var option in page.Options.Where(o => o.Range.Contains(" to ", StringComparison.Ordinal) && o.Range != "0 to 255"))
            {
                // The upper bound is a number, or another option by its name.
                var bound = option.Range.Split(" to ")[1];
                var above = double.Parse(page.Options.FirstOrDefault(o => o.Name == bound)?.Default ?? bound, CultureInfo.InvariantCulture) + 1;
                using var json = System.Text.Json.JsonDocument.Parse($$"""{"{{option.Name}}": {{above}}}""");
                Assert.Throws<RefusalException>(() => TransformJson.From(name, json.RootElement.Clone()));
            }

            Assert.True(type.IsSubclassOf(typeof(Transform)));
            Assert.All(page.Options.Where(o => o.Name.StartsWith("min_", StringComparison.Ordinal)), o => Assert.EndsWith($" to max_{o.Name[4..]}", o.Range, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_documentation_s_table_is_the_source_s()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "transforms.md"));
        Assert.True(
            text.ReplaceLineEndings("\n").Contains(TransformCatalogue.Markdown(TransformCatalogue.All()), StringComparison.Ordinal),
            "docs/transforms.md is not up to date; put the output of `sketchflow transforms list --markdown` in place of its table.");
    }

    [Fact]
    public void Many_rows_stand_in_bands_side_by_side()
    {
        Assert.Equal(1, ContactSheet.BandCount(rows: 3, cells: 5, side: 64));
        var bands = ContactSheet.BandCount(rows: 45, cells: 4, side: 64);
        Assert.InRange(bands, 2, 5);
        using var drawing = TestImages.Drawing(64, 64);
        var rows = Enumerable.Range(0, 45).Select(i => (IReadOnlyList<(string, Pixels)>)[.. Enumerable.Range(0, 4).Select(_ => ($"row {i}", drawing))]).ToList();
        using var sheet = ContactSheet.Draw(rows, 64, bands);
        Assert.InRange(sheet.Height, 1, 1.4 * sheet.Width);
    }

    [Fact]
    public void Apply_writes_what_the_operation_gives_and_says_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var (input, output) = (Path.Combine(folder.Root, "in.png"), Path.Combine(folder.Root, "out.png"));
        using var drawing = TestImages.Drawing(60, 40);
        ImageEncoder.Write(drawing, input);
        Assert.Equal(ExitCode.Done, Program.Main(["transforms", "apply", "letterbox", "--params", "{\"size\": 32}", input, output]));
        using var written = ImageDecoder.Read(new DecodeOptions(), new Sample(0, output, output, null)).Value;
        using var expected = PadResize.Letterbox(drawing, 32);
        Assert.Equal(expected.Bytes.ToArray(), written.Bytes.ToArray());
        Assert.Equal(ExitCode.Failed, Program.Main(["transforms", "apply", "no-such-thing", input, output]));
        Assert.Equal(ExitCode.Usage, Program.Main(["transforms", "apply", "rotate", "--params", "{", input, output]));
        Assert.Equal(ExitCode.Failed, Program.Main(["transforms", "apply", "rotate", Path.Combine(folder.Root, "none.png"), output]));
    }

    [Fact]
    public void A_contact_sheet_has_a_row_for_each_transform_and_one_for_all()
    {
        using var folder = new TemporaryFolder();
        using var drawing = TestImages.Drawing(60, 40);
        ImageEncoder.Write(drawing, Path.Combine(folder.Root, "a.png"));
        var preview = new TransformPreview
        {
            Augmentation = [new Rotate(), new Invert()],
            Preparation = new PadResizeOptions { Side = 48 },
            Samples = 4,
            Side = 64,
        };
        Sample[] samples = [new(0, "a.png", Path.Combine(folder.Root, "a.png"), 0)];
        using var sheet = preview.Draw(samples);
        using var again = preview.Draw(samples);
        Assert.Equal((8 + (5 * 72), 8 + (3 * 88), 3), (sheet.Width, sheet.Height, sheet.Channels));
        Assert.Equal(sheet.Bytes.ToArray(), again.Bytes.ToArray());
        using var other = (preview with { Seed = 2 }).Draw(samples);
        Assert.NotEqual(sheet.Bytes.ToArray(), other.Bytes.ToArray());
        Assert.Throws<RefusalException>(() => (preview with { Side = 4 }).Draw(samples));
    }
}
