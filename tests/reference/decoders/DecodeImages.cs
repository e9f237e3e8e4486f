#:project ../../../stages/SketchFlow.Imaging/SketchFlow.Imaging.csproj
#:property PublishAot=false
#:property GenerateDocumentationFile=false
#:property RestorePackagesWithLockFile=false
#:property RunAnalyzers=false

// Decodes the files whose paths come on standard input, one a line, for decoders.py. For each it writes "ok WIDTH HEIGHT CHANNELS" and the
// pixels (grey, or blue, green, red), or "no" and the reason.
using System.Text;
using SketchFlow.Data.Datasets;
using SketchFlow.Imaging.Decoding;

using var output = Console.OpenStandardOutput();
while (Console.In.ReadLine() is { } path)
{
    var outcome = ImageDecoder.Read(new DecodeOptions { RememberGrey = false }, new Sample(0, path, path, null));
    if (outcome.IsValue)
    {
        using var pixels = outcome.Value;
        output.Write(Encoding.UTF8.GetBytes($"ok {pixels.Width} {pixels.Height} {pixels.Channels}\n"));
        output.Write(pixels.Bytes);
    }
    else
    {
        output.Write(Encoding.UTF8.GetBytes($"no {outcome.Rejection!.Reason.ReplaceLineEndings(" ")}\n"));
    }

    output.Flush();
}
