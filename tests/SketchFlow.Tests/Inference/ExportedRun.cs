using SketchFlow.Tests.Pipeline.Classification;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Inference;

/// <summary>An untrained run and its ONNX files of both input forms, made by the real program.</summary>
public sealed class ExportedRun : IDisposable
{
    public const string Run = "one";

    public ExportedRun()
    {
        UntrainedRun.Write(Artifacts, Run, "cat", "dog, or so", "emu", "föhn", "guitar");
        foreach (var layout in (string[])["bytes", "floats"])
        {
            var result = ProgramRunner.Run(Artifacts, "export", "--run", Run, "--input", layout, "--output", Model(layout));
            Assert.True(result.ExitCode == 0, result.ToString());
        }

        var resizing = ProgramRunner.Run(Artifacts, "export", "--run", Run, "--resize", "--output", Resizing);
        Assert.True(resizing.ExitCode == 0, resizing.ToString());
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("sketchflow-exported-").FullName;

    public string Artifacts => Path.Combine(Root, "artifacts");

    public string Bytes => Model("bytes");

    /// <summary>The model that resizes images itself.</summary>
    public string Resizing => Model("resize");

    public string Model(string layout) => Path.Combine(Root, $"{layout}.onnx");

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
