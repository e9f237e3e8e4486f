using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Tests.Data.Files;

public sealed class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder["locks/one.lock"];

    [Fact]
    public void An_exclusive_lock_is_held_once_and_a_shared_one_by_many()
    {
        using (FileLock.TryAcquire(Path))
        {
            Assert.Null(FileLock.TryAcquire(Path));
            Assert.Null(FileLock.TryAcquire(Path, shared: true));
        }

        using (var first = FileLock.TryAcquire(Path, shared: true))
        using (var second = FileLock.TryAcquire(Path, shared: true))
        {
            Assert.NotNull(first);
            Assert.NotNull(second);
            Assert.Null(FileLock.TryAcquire(Path));
        }

        using var last = FileLock.TryAcquire(Path);
        Assert.NotNull(last);
    }

    [Fact]
    public void A_path_that_cannot_be_locked_is_an_error_and_not_a_lock_that_is_held()
    {
        _folder.WithFolder("locks/one.lock");
        Assert.ThrowsAny<SystemException>(() => FileLock.TryAcquire(Path));
    }

    [Fact]
    public async Task Waiting_ends_with_the_lock_the_limit_or_the_cancellation()
    {
        var waited = 0;
        using (var held = FileLock.TryAcquire(Path))
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileLock.WaitAsync(Path, () => waited++, source.Token));
            var refused = Assert.Throws<RefusalException>(() => FileLock.Wait(Path, TimeSpan.Zero));
            Assert.Contains(Path, refused.Message, StringComparison.Ordinal);
            var next = FileLock.WaitAsync(Path, () => waited++, TestContext.Current.CancellationToken);
            held!.Dispose();
            (await next).Dispose();
        }

        Assert.Equal(2, waited);
        FileLock.Wait(Path, TimeSpan.Zero).Dispose();
    }

    public void Dispose() => _folder.Dispose();
}
