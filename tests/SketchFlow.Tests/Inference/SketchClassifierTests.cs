using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Inference;

/// <summary>An exported model gives the answers of its run, in every form of question.</summary>
public sealed class SketchClassifierTests(ExportedRun exported) : IClassFixture<ExportedRun>, IDisposable
{
    // ONNX Runtime's logits differ from libtorch's in the last bits.
    private const double Tolerance = 1e-5;

    private readonly TemporaryFolder _folder = new();

    private static SketchClassifierOptions All => new() { Top = int.MaxValue };

    [Theory]
    [InlineData("bytes")]
    [InlineData("floats")]
    public void The_answers_are_those_of_classify_with_the_run(string layout)
    {
        string[] files = [.. TestImages.Write(_folder["drawings"]), .. TestImages.Cases()];
        var artifacts = new Artifacts(exported.Artifacts);
        using var run = Classifier.Open(
            new TrainedModelNames(artifacts).Find(ExportedRun.Run), artifacts, new ClassifierOptions { Top = int.MaxValue }, _ => { }, NoProgress.Factory);
        using var classifier = SketchClassifier.Load(exported.Model(layout), All);
        Assert.Equal(run.Classes, classifier.Classes);
        Assert.Equal(layout, classifier.Layout.ToString(), ignoreCase: true);
        var expected = run.Classify(files.Select(f => new ImageInput(f))).ToList();
        Assert.Contains(expected, e => e.Error is not null);
        AssertSame(expected, [.. classifier.ClassifyMany(files)]);
    }

    [Fact]
    public void A_model_that_resizes_gives_the_answers_of_classify_with_the_run()
    {
        string[] files = [.. TestImages.Write(_folder["drawings"]), .. TestImages.Cases()];
        var expected = Open(ExportedRun.Run);
        using var classifier = SketchClassifier.Load(exported.Resizing, All);
        Assert.True(classifier.Model.Resizes);
        AssertSame(expected, [.. classifier.ClassifyMany(files)], 1e-3);
        AssertSame(expected, [.. files.Select(f => Single(classifier, f))], 1e-3);
        AssertSame(expected, Open(exported.Resizing), 1e-3);

        List<ClassifiedImage> Open(string model)
        {
            var (artifacts, options) = (new Artifacts(exported.Artifacts), new ClassifierOptions { Top = int.MaxValue });
            using var opened = Classifier.Open(new TrainedModelNames(artifacts).Find(model), artifacts, options, _ => { }, NoProgress.Factory);
            return [.. opened.Classify(files.Select(f => new ImageInput(f)))];
        }
    }

    [Fact]
    public void An_image_that_is_too_long_for_a_model_that_resizes_is_rejected()
    {
        var file = _folder["long.png"];
        using (var canvas = new OpenCvSharp.Mat(1, 65_537, OpenCvSharp.MatType.CV_8UC1, OpenCvSharp.Scalar.White))
        {
            canvas.SaveImage(file);
        }

        using var classifier = SketchClassifier.Load(exported.Resizing);
        Assert.Contains("takes sides up to 65536", Single(classifier, file).Error, StringComparison.Ordinal);
        using var resized = SketchClassifier.Load(exported.Bytes);
        Assert.Null(Single(resized, file).Error);
    }

    [Fact]
    public void A_file_its_bytes_and_its_stream_give_the_same_answer_alone_and_among_others()
    {
        var file = TestImages.Write(_folder["drawings"])[1];
        var bytes = File.ReadAllBytes(file);
        using var classifier = SketchClassifier.Load(exported.Bytes, All);
        var top = classifier.Classify(file);
        Assert.Equal(1, top.Sum(c => c.Probability), 5);
        Assert.Equal(top, classifier.Classify(bytes));
        Assert.Equal(top, classifier.Classify(new MemoryStream(bytes)));
        ImageInput[] both = [file, ImageInput.FromBytes("memory", bytes)];
        var many = classifier.ClassifyMany(both).ToList();
        Assert.Equal([file, "memory"], many.Select(m => m.Name));
        AssertSame([new ClassifiedImage(file, top), new ClassifiedImage("memory", top)], many);
    }

    [Fact]
    public async Task Asynchronous_forms_give_the_answer_of_the_synchronous_one()
    {
        var file = TestImages.Write(_folder["drawings"])[1];
        using var classifier = SketchClassifier.Load(exported.Bytes, All);
        var top = classifier.Classify(file);
        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal(top, await classifier.ClassifyAsync(file, cancellation));
        Assert.Equal(top, await classifier.ClassifyAsync(await File.ReadAllBytesAsync(file, cancellation), cancellation));
        await using var stream = File.OpenRead(file);
        Assert.Equal(top, await classifier.ClassifyAsync(stream, cancellation));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => classifier.ClassifyAsync(file, cancelled.Token));
    }

    [Fact]
    public void A_model_in_memory_is_that_of_its_file()
    {
        var file = TestImages.Write(_folder["drawings"])[1];
        using var classifier = SketchClassifier.Load(exported.Bytes);
        using var same = SketchClassifier.Load(File.ReadAllBytes(exported.Bytes));
        Assert.Equal(classifier.Classify(file), same.Classify(file));
    }

    [Fact]
    public async Task One_classifier_serves_many_threads()
    {
        var files = TestImages.Write(_folder["drawings"]);
        using var classifier = SketchClassifier.Load(exported.Bytes, All with { BatchSize = 3 });
        var expected = classifier.ClassifyMany(files).ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => i % 2 == 0
            ? classifier.ClassifyMany(files).ToList()
            : [.. files.Select(f => Single(classifier, f))])));
        Assert.All(answers, found => AssertSame(expected, found));
    }

    [Fact]
    public void An_image_alone_that_cannot_be_used_is_an_exception_with_the_reason()
    {
        var files = TestImages.Write(_folder["drawings"]);
        using var classifier = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { MaxBytes = 20_000, MaxPixels = 1_000_000 });
        Assert.Equal("no such file", Assert.Throws<ImageRejectedException>(() => classifier.Classify(files[^1])).Reason);
        Assert.Equal("empty file", Assert.Throws<ImageRejectedException>(() => classifier.Classify(ReadOnlyMemory<byte>.Empty)).Reason);
        var large = Assert.Throws<ImageRejectedException>(() => classifier.Classify(new MemoryStream(new byte[20_001])));
        Assert.Equal("more than 20000 bytes", large.Reason);
        var endless = Assert.Throws<ImageRejectedException>(() => classifier.Classify(new EndlessStream()));
        Assert.Equal("The image cannot be classified: more than 20000 bytes.", endless.Message);
        using var few = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { MaxPixels = 100 });
        Assert.Contains("more than 100", Assert.Throws<ImageRejectedException>(() => few.Classify(files[1])).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_model_of_SketchFlow_are_refused_with_a_sentence_that_says_what_to_run()
    {
        var foreign = new OnnxGraph("foreign");
        foreign.AddOutput(foreign.AddNode("Identity", [foreign.AddInput("images", OnnxType.Float32, -1, 3)], output: "out"), OnnxType.Float32, -1, 3);
        using (var file = File.Create(_folder["foreign.onnx"]))
        {
            foreign.Write(file, new OnnxModelHeader { Producer = "other" });
        }

        File.WriteAllText(_folder["text.onnx"], "<html><body>Not found</body></html>");
        File.WriteAllBytes(_folder["damaged.onnx"], File.ReadAllBytes(exported.Bytes)[..5000]);
        Assert.Equal(
            $"{_folder["foreign.onnx"]} does not say which classes it has and how its images are prepared, as a model of SketchFlow does; "
            + "export one with sketchflow export --run NAME --output model.onnx.",
            Refusal(_folder["foreign.onnx"]));
        Assert.Contains("an HTML page, not an ONNX model", Refusal(_folder["text.onnx"]), StringComparison.Ordinal);
        Assert.Contains("is damaged, or not an ONNX model", Refusal(_folder["damaged.onnx"]), StringComparison.Ordinal);
        Assert.Contains("There is no file", Refusal(_folder["missing.onnx"]), StringComparison.Ordinal);
        Assert.Contains("is a folder", Refusal(_folder.Root), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { Top = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { BatchSize = 0 }));
    }

    public void Dispose() => _folder.Dispose();

    internal static void AssertSame(IReadOnlyList<ClassifiedImage> expected, IReadOnlyList<ClassifiedImage> found, double tolerance = Tolerance)
    {
        Assert.Equal(expected.Select(e => (e.Name, e.Error)), found.Select(f => (f.Name, f.Error)));
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i].Top.Length, found[i].Top.Length);
            foreach (var (a, b) in expected[i].Top.OrderBy(c => c.Index).Zip(found[i].Top.OrderBy(c => c.Index)))
            {
                Assert.Equal(a.Class, b.Class);
                Assert.InRange(b.Probability, a.Probability - tolerance, a.Probability + tolerance);
            }
        }
    }

    private static ClassifiedImage Single(SketchClassifier classifier, string file)
    {
        try
        {
            return new ClassifiedImage(file, classifier.Classify(file));
        }
        catch (ImageRejectedException e)
        {
            return new ClassifiedImage(file, [], e.Reason);
        }
    }

    private static string Refusal(string file) => Assert.Throws<RefusalException>(() => SketchClassifier.Load(file)).Message;

    private sealed class EndlessStream : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => count;

        public override int Read(Span<byte> buffer) => buffer.Length;
    }
}
