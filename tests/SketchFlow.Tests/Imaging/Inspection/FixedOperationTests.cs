using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;
using SketchFlow.Imaging.OpenCv;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Pipeline;
using SketchFlow.Pipeline.Cli;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Imaging.Inspection;

/// <summary>The command <c>transforms apply</c>.</summary>
public sealed class FixedOperationTests
{
    [Fact]
    public void Apply_writes_the_result_of_the_operation_and_reports_errors()
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
}
