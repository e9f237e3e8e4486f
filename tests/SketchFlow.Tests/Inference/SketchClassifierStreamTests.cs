using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;
using SketchFlow.Inference;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Inference;

/// <summary>Many images: order, bounded memory, prompt answers, faults and cancellation of sources, the block.</summary>
public sealed class SketchClassifierStreamTests(ExportedRun exported) : IClassFixture<ExportedRun>, IDisposable
{
    private const int Timeout = 60_000;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = Timeout)]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    [InlineData(4, 3)]
    [InlineData(100, 2)]
    public async Task Every_form_gives_one_answer_per_image_in_order_whatever_is_rejected(int batch, int workers)
    {
        var files = TestImages.Write(_folder["drawings"]);
        using var classifier = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { BatchSize = batch, Workers = workers });
        var expected = classifier.ClassifyMany(files).ToList();
        Assert.Equal(4, expected.Count(e => e.Error is not null));
        SketchClassifierTests.AssertSame(expected, await classifier.ClassifyManyAsync(files, Cancellation).ToListAsync(Cancellation));
        SketchClassifierTests.AssertSame(
            expected, await classifier.ClassifyManyAsync(Slowly(files), Cancellation).ToListAsync(Cancellation));
        Assert.Empty(classifier.ClassifyMany(Array.Empty<string>()));
        Assert.Empty(await classifier.ClassifyManyAsync(Array.Empty<string>(), Cancellation).ToListAsync(Cancellation));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_stream_is_answered_while_it_waits_for_the_next_image()
    {
        var file = TestImages.Write(_folder["drawings"])[1];
        using var classifier = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { BatchSize = 32 });
        var images = Channel.CreateUnbounded<ImageInput>();
        await using var answers = classifier.ClassifyManyAsync(images.Reader.ReadAllAsync(Cancellation), Cancellation).GetAsyncEnumerator(Cancellation);
        for (var i = 0; i < 3; i++)
        {
            await images.Writer.WriteAsync(new ImageInput($"{i}") { File = file }, Cancellation);
            Assert.True(await answers.MoveNextAsync());
            Assert.Equal($"{i}", answers.Current.Name);
        }

        images.Writer.Complete();
        Assert.False(await answers.MoveNextAsync());
    }

    [Fact(Timeout = Timeout)]
    public async Task No_more_images_are_read_than_there_is_room_for()
    {
        var file = TestImages.Write(_folder["drawings"])[1];
        const int batch = 4;
        using var classifier = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { BatchSize = batch, Workers = 2 });
        var read = 0;
        await foreach (var answer in classifier.ClassifyManyAsync(Endless(), Cancellation))
        {
            if (answer.Name == "20")
            {
                // The reader has all the time to run ahead.
                await Task.Delay(300, Cancellation);
                break;
            }
        }

        // The answered batch, one ahead, and one in the reader's hand.
        Assert.InRange(read, 21, 21 + (2 * batch) + 1);

        read = 0;
        foreach (var answer in classifier.ClassifyMany(EndlessImages()))
        {
            if (answer.Name == "20")
            {
                break;
            }
        }

        // A flow of two workers with four messages each, a batch stage that gathers, and three batches ahead.
        Assert.InRange(read, 21, 21 + 60);

        IEnumerable<ImageInput> EndlessImages()
        {
            while (true)
            {
                yield return new ImageInput($"{read++}") { File = file };
            }
        }

        async IAsyncEnumerable<ImageInput> Endless()
        {
            foreach (var image in EndlessImages())
            {
                await Task.Yield();
                yield return image;
            }
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_fault_of_the_source_comes_as_it_was_thrown_after_the_answers_before_it()
    {
        var files = TestImages.Write(_folder["drawings"])[..3];
        using var classifier = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { BatchSize = 2 });
        Assert.Equal("broken source", Assert.Throws<InvalidDataException>(() => classifier.ClassifyMany(Faulty(files)).ToList()).Message);
        var answers = new List<ClassifiedImage>();
        var fault = await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var answer in classifier.ClassifyManyAsync(Faulty(files), Cancellation))
            {
                answers.Add(answer);
            }
        });
        Assert.Equal("broken source", fault.Message);
        Assert.Equal(files, answers.Select(a => a.Name));
    }

    [Fact(Timeout = Timeout)]
    public async Task Cancellation_ends_every_form()
    {
        var file = TestImages.Write(_folder["drawings"])[1];
        using var classifier = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { BatchSize = 2 });
        using var stop = new CancellationTokenSource();
        var forever = Enumerable.Repeat(file, int.MaxValue);
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in classifier.ClassifyMany(forever, stop.Token))
            {
                stop.Cancel();
            }
        });
        using var later = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in classifier.ClassifyManyAsync(forever, later.Token))
            {
                await later.CancelAsync();
            }
        });
    }

    [Fact(Timeout = Timeout)]
    public async Task A_block_answers_what_it_accepted_in_order_and_makes_its_senders_wait()
    {
        var files = TestImages.Write(_folder["drawings"]);
        using var classifier = SketchClassifier.Load(exported.Bytes, new SketchClassifierOptions { BatchSize = 4, Workers = 2 });
        var expected = classifier.ClassifyMany(files).ToList();
        var block = classifier.CreateBlock(Cancellation);
        var answers = new List<ClassifiedImage>();
        var last = new ActionBlock<ClassifiedImage>(answers.Add);
        using var link = block.LinkTo(last, new DataflowLinkOptions { PropagateCompletion = true });
        foreach (var file in files)
        {
            Assert.True(await block.SendAsync(file, Cancellation));
        }

        block.Complete();
        await last.Completion.WaitAsync(Cancellation);
        SketchClassifierTests.AssertSame(expected, answers);

        // Nobody takes the answers.
        var full = classifier.CreateBlock(Cancellation);
        var accepted = 0;
        while (accepted < 1000 && await Task.WhenAny(full.SendAsync(files[1], Cancellation), Task.Delay(500, Cancellation)) is Task<bool>)
        {
            accepted++;
        }

        // Four wait on each side; the stream between holds two batches and a prepared image.
        Assert.InRange(accepted, 4, (4 * 4) + 3);
    }

    public void Dispose() => _folder.Dispose();

    private static async IAsyncEnumerable<ImageInput> Slowly(IEnumerable<string> files)
    {
        foreach (var (i, file) in files.Index())
        {
            await Task.Delay(i % 5, Cancellation);
            yield return file;
        }
    }

    private static IEnumerable<string> Faulty(string[] files)
    {
        foreach (var file in files)
        {
            yield return file;
        }

        throw new InvalidDataException("broken source");
    }
}
