using System.Collections.Concurrent;
using SketchFlow.Learning.Native;

namespace SketchFlow.Tests.Learning.Native;

/// <summary>C# loops on libtorch's threads.</summary>
public sealed class OpenMpTeamTests
{
    [Theory]
    [InlineData(1000, true)]
    [InlineData(1000, false)]
    [InlineData(1, true)]
    [InlineData(0, true)]
    public void Every_task_runs_once_and_the_states_of_threads_are_disposed(int count, bool shared)
    {
        var seen = new int[count];
        var owned = new ConcurrentBag<Owned>();
        OpenMpTeam.For(count, long.MaxValue, () => Made(owned), (task, own) =>
        {
            Assert.False(own.Disposed);
            Interlocked.Increment(ref seen[task]);
        }, shared: shared);
        Assert.All(seen, times => Assert.Equal(1, times));
        Assert.All(owned, own => Assert.True(own.Disposed));
        Assert.InRange(owned.Count, 1, Math.Max(1, ComputeThreads.Count));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_exception_of_a_task_ends_the_loop_and_reaches_the_caller(bool shared)
    {
        var done = 0;
        var error = Assert.Throws<AggregateException>(() => OpenMpTeam.For(1_000_000, long.MaxValue, () => new Owned(), (task, _) =>
        {
            Interlocked.Increment(ref done);
            throw new InvalidDataException($"task {task}");
        }, shared: shared));
        Assert.All(error.InnerExceptions, e => Assert.IsType<InvalidDataException>(e));
        Assert.InRange(done, 1, ComputeThreads.Count);
    }

    [Fact]
    public void On_Linux_the_threads_are_libtorchs() => Assert.Equal(OperatingSystem.IsLinux(), OpenMpTeam.IsAvailable);

    private static Owned Made(ConcurrentBag<Owned> all)
    {
        var one = new Owned();
        all.Add(one);
        return one;
    }

    private sealed class Owned : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }
}
