using System.IO.Pipes;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Classification;

namespace SketchFlow.Tests.Pipeline.Classification;

public class StandardInputPathsTests
{
    [Fact]
    public void Every_line_that_is_not_empty_is_a_path_however_it_arrives() => Prop.ForAll(
        Gen.Elements("a", "ä/b c.png", "", "x\ty", "日本.png").ArrayOf().Zip(Gen.Elements("\n", "\r\n")).Zip(Gen.Elements(false, true)).ToArbitrary(),
        given =>
        {
            var ((lines, end), ends) = given;
            var text = string.Join(end, lines) + (ends ? end : "");
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            Assert.Equal(lines.Where(l => l.Length > 0), StandardInputPaths.Read(stream, CancellationToken.None));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_image_and_an_endless_line_are_refused()
    {
        byte[] png = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0];
        Refused(png, "use --stdin-image instead of -");
        Refused(Encoding.UTF8.GetBytes(new string('a', 100_000)), "one path per line");

        static void Refused(byte[] bytes, string part)
        {
            using var stream = new MemoryStream(bytes);
            Assert.Contains(part, Assert.Throws<RefusalException>(() => StandardInputPaths.Read(stream, default).Count()).Message, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_stream_on_which_nothing_arrives_can_be_cancelled()
    {
        await using var server = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var client = new AnonymousPipeClientStream(PipeDirection.In, server.ClientSafePipeHandle);
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Task.Run(() => StandardInputPaths.Read(client, source.Token).Count(), CancellationToken.None));
        // Only this ends the reading of the client, which cannot be disposed before.
        await server.DisposeAsync();
    }
}
