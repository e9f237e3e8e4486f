using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Inference;

namespace SketchFlow.Tests.Inference;

public class ExportedModelDescriptionTests
{
    private static readonly Gen<ExportedModelDescription> _descriptions =
        from names in ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => new string([.. s.Get.Where(c => !char.IsSurrogate(c))])).NonEmptyListOf()
        from synsets in Gen.Elements(true, false)
        from side in Gen.Choose(1, 8192)
        from fit in Gen.Elements(Enum.GetValues<ResizeMode>())
        from interpolation in Gen.Elements(Enum.GetValues<Interpolation>())
        from crop in Gen.Elements(Enum.GetValues<CropMode>())
        from upsampling in Gen.Elements(Enum.GetValues<Upsampling>())
        from share in Gen.Choose(1, 100)
        from fill in Gen.Choose(0, 255)
        from others in Gen.Choose(0, 2)
        from temperature in Gen.Elements<double?>(null, 0.37, 1, 1e-3 / 3, 12345.678)
        select new ExportedModelDescription
        {
            Architecture = "resnet18",
            Classes = [.. names.Select((n, i) => new ClassName(n, synsets ? $"n{i}" : null))],
            Temperature = temperature,
            WeightsSha256 = "ab",
            MaxPixels = side * 3L,
            Preparations =
            [
                new PadResizeOptions
                {
                    Side = side,
                    Fit = fit,
                    Interpolation = interpolation,
                    CropMode = crop,
                    Upsampling = upsampling,
                    CropPercent = share / 100.0,
                    Fill = (byte)fill,
                },
                .. Enumerable.Range(1, others).Select(i => new PadResizeOptions { Side = i }),
            ],
        };

    [Fact]
    public void What_is_written_is_read_again() => Prop.ForAll(_descriptions.ToArbitrary(), written =>
    {
        var read = ExportedModelDescription.Read(written.ToMetadata(), "model.onnx");
        Assert.Equal(written.Classes, read.Classes);
        Assert.Equal(written.Preparations, read.Preparations);
        Assert.Equal(written with { Classes = [], Preparations = [] }, read with { Classes = [], Preparations = [] });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Files_of_the_first_exporter_are_read()
    {
        var read = ExportedModelDescription.Read(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["architecture"] = "resnet10t",
                ["classes"] = """["a","b"]""",
                ["temperature"] = "",
                ["weights_sha256"] = "ab",
                ["preparation"] = """
                    {"side":64,"fit":"Letterbox","interpolation":"Area","upsampling":"Linear","crop_percent":0.95,"fill":255,"channels":"red, green, blue"}
                    """,
            },
            "model.onnx");
        Assert.Equal(new PadResizeOptions { Side = 64, CropPercent = 0.95 }, Assert.Single(read.Preparations));
        Assert.Null(read.Temperature);
        Assert.Equal(64_000_000, read.MaxPixels);
    }

    [Theory]
    [InlineData("classes", "")]
    [InlineData("classes", "[]")]
    [InlineData("classes", "[null]")]
    [InlineData("classes", "{}")]
    [InlineData("synsets", """["a"]""")]
    [InlineData("preparation", "null")]
    [InlineData("preparation", "{}")]
    [InlineData("preparation", """{"side":0,"fit":"Letterbox"}""")]
    [InlineData("preparation", """{"side":9000000,"fit":"Letterbox"}""")]
    [InlineData("preparation", """{"side":64,"fit":"Other"}""")]
    [InlineData("preparation", """{"side":64,"fit":"CentreCrop","crop_percent":0}""")]
    [InlineData("temperature", "0")]
    [InlineData("temperature", "warm")]
    [InlineData("temperature", "1e999")]
    [InlineData("max_pixels", "-1")]
    [InlineData("max_pixels", "99999999999999999999")]
    public void Damaged_metadata_is_refused_with_a_sentence(string key, string value)
    {
        var metadata = new ExportedModelDescription { Architecture = "x", Classes = [new("a"), new("b")], Preparations = [new PadResizeOptions()] }
            .ToMetadata();
        var error = Assert.Throws<RefusalException>(() => ExportedModelDescription.Read(metadata.SetItem(key, value), "model.onnx"));
        Assert.Equal("The metadata of model.onnx is damaged; export the model again with sketchflow export.", error.Message);
    }
}
