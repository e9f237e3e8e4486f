using System.Diagnostics;
using System.Text.Json;
using SketchFlow.Inference;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Export;

/// <summary>The scripts next to an exported model name the classes that <c>classify</c> names, file by file.</summary>
[Long]
[Collection(nameof(ClassifiedRunsCollection))]
public sealed class ExportScriptsTests(ClassifiedRuns runs)
{
    // A level of difference in a few pixels, by rounding, moves probabilities by less.
    private const double Tolerance = 0.02;

    /// <summary>Debian has ONNX Runtime for Python only since version 13, so that the model runs here on the pixels that the script prepares.</summary>
    [Theory]
    [InlineData("letterbox", "area")]
    [InlineData("stretch", "area")]
    [InlineData("centre_crop", "bicubic")]
    [InlineData("letterbox", "lanczos")]
    public void The_Python_script_prepares_every_image_as_classify_does(string fit, string interpolation)
    {
        using var folder = new TemporaryFolder();
        var model = Export(folder, fit, interpolation);
        var files = Images(most: (fit, interpolation) == ("letterbox", "area") ? 1000 : 100);
        File.WriteAllLines(folder["list"], files);
        File.WriteAllText(folder["prepare.py"], """
            import json, sys
            import predict
            preparation = json.loads(sys.argv[1])
            for path in open("list", encoding="utf-8").read().splitlines():
                try:
                    sys.stdout.buffer.write(b"\1" + predict.prepare(predict.read(path), preparation).tobytes())
                except Exception:
                    sys.stdout.buffer.write(b"\0")
            """);
        using var session = OnnxSession.Load(model, threads: 1);
        var preparation = ExportedModelDescription.Read(session.Metadata, model).Preparations[0];
        Assert.Equal(fit.Replace("_", "", StringComparison.Ordinal), preparation.Fit.ToString(), ignoreCase: true);
        Assert.Equal(interpolation, preparation.Interpolation.ToString(), ignoreCase: true);
        var side = preparation.Side;
        var output = RunProcess(folder.Root, "/usr/bin/python3", "prepare.py", session.Metadata["preparation"]);
        using var classifier = SketchClassifier.Load(model, new() { Top = int.MaxValue });
        var (at, length, compared) = (0, 3 * side * side, 0);
        foreach (var answer in classifier.ClassifyMany(files))
        {
            if (output[at++] == 0)
            {
                continue;
            }

            var pixels = output[at..(at += length)];
            if (answer.Error is null)
            {
                compared++;
                var found = session.Run("images", pixels, [1, side, side, 3], "probabilities");
                Assert.All(answer.Top, c => Assert.InRange(Math.Abs(c.Probability - found[c.Index]), 0, Tolerance));
            }
        }

        Assert.Equal(output.Length, at);
        Assert.InRange(compared, files.Length * 9 / 10, files.Length);
    }

    [Theory]
    [InlineData]
    [InlineData("--resize")]
    public void The_CSharp_script_names_the_classes_that_classify_names(params string[] options)
    {
        using var folder = new TemporaryFolder();
        var model = Export(folder, "letterbox", "area", options);
        var files = Images(most: 100);
        var output = System.Text.Encoding.UTF8.GetString(RunProcess(folder.Root, "dotnet", ["run", "Predict.cs", "--", model, .. files]));
        var found = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  "))
            .ToDictionary(cells => cells[0], cells => cells[1]);
        using var classifier = SketchClassifier.Load(model);
        var compared = 0;
        foreach (var answer in classifier.ClassifyMany(files).Where(a => a.Error is null && found.ContainsKey(a.Name)))
        {
            compared++;
            var (name, share) = (found[answer.Name][..found[answer.Name].IndexOf(' ', StringComparison.Ordinal)], Percent(found[answer.Name]));
            var same = answer.Top.Single(c => c.Class.Name == name);
            Assert.InRange(Math.Abs(same.Probability - share), 0, Tolerance);
            Assert.InRange(answer.Top[0].Probability - same.Probability, 0, Tolerance);
        }

        Assert.InRange(compared, files.Length * 9 / 10, files.Length);
    }

    private static double Percent(string cell) =>
        double.Parse(cell.Split(' ')[^2], System.Globalization.CultureInfo.InvariantCulture) / 100;

    private static string[] Images(int most) =>
    [
        .. Directory.GetFiles(Path.Combine(Reference.Folder, "data", "pacs-sketch", "test"), "*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Take(most),
        .. Directory.GetFiles(Path.Combine(Reference.Folder, "cases", "images")).Where(f => !f.EndsWith(".gz", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    private string Export(TemporaryFolder folder, string fit, string interpolation, params string[] options)
    {
        folder.WithCopy(runs.File("runs", "one"), $"artifacts/runs/{fit}");
        var recipe = folder[$"artifacts/runs/{fit}/recipe.yaml"];
        File.WriteAllText(
            recipe,
            File.ReadAllText(recipe).Replace(
                "  fit: letterbox\n  interpolation: \n", $"  fit: {fit}\n  interpolation: {interpolation}\n", StringComparison.Ordinal));
        var result = ProgramRunner.Run(folder["artifacts"], ["export", "--run", fit, "--output", folder["model.onnx"], .. options]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return folder["model.onnx"];
    }

    private static byte[] RunProcess(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        return output.ToArray();
    }
}
