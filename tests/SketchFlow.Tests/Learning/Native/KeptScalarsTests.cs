using System.Runtime.CompilerServices;
using SketchFlow.Learning.Native;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Native;

public class KeptScalarsTests
{
    /// <summary>
    /// A number that is converted in passing may be freed while libtorch reads it: "Expected false to be true" in a test on a busy machine, and
    /// another number without a message where the memory was used again.
    /// </summary>
    [Theory]
    [InlineData("SketchFlow.Learning")]
    [InlineData("SketchFlow.Tests")]
    public void No_number_goes_to_libtorch_in_another_way(string assembly)
    {
        var calls = new ScalarCalls(typeof(torch).Assembly.Location);

        Assert.True(calls.Makers > 100, $"{calls.Makers} functions of TorchSharp make scalars.");
        var others = calls.Find(Path.Combine(AppContext.BaseDirectory, $"{assembly}.dll"))
            .Where(c => !c.StartsWith("SketchFlow.Learning.Native.KeptScalars.", StringComparison.Ordinal))
            .Where(c => !c.StartsWith(typeof(KeptScalarsTests).FullName!, StringComparison.Ordinal));
        Assert.Equal("", string.Join(Environment.NewLine, others));
    }

    [Fact]
    public void A_conversion_is_found_by_its_call_and_by_that_of_an_operator()
    {
        var calls = new ScalarCalls(typeof(torch).Assembly.Location).Find(typeof(KeptScalarsTests).Assembly.Location)
            .Where(c => c.Contains(nameof(Unkept), StringComparison.Ordinal)).ToList();

        Assert.Equal(2, calls.Count);
        Assert.Contains(calls, c => c.EndsWith("op_Multiply(TorchSharp.torch/Tensor,System.Int32)", StringComparison.Ordinal));
        Assert.Contains(calls, c => c.EndsWith("op_Addition(TorchSharp.torch/Tensor,TorchSharp.torch/Tensor)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_scalar_survives_collections_until_its_thread_has_made_64_others()
    {
        var kept = MakeAndForget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(kept.TryGetTarget(out var scalar));
        Assert.Equal(torch.ScalarType.Float64, scalar.Type);

        for (var i = 0; i < 64; i++)
        {
            Assert.Equal(torch.ScalarType.Float64, scalar.Type);
            _ = Keep(i);
        }

        Assert.Throws<InvalidOperationException>(() => scalar.Type);
    }

    [Fact]
    public void Other_threads_do_not_shorten_its_life()
    {
        var scalar = Keep(3);
        var thread = new Thread(() => Enumerable.Range(0, 1000).ToList().ForEach(i => Keep(i)));
        thread.Start();
        thread.Join();

        Assert.Equal(torch.ScalarType.Int64, scalar.Type);
    }

    [Fact]
    public void Sums_and_reads_equal_plain_arithmetic()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor(new[] { 1f, 2.5f, -3f });

        Assert.Equal([1.5f, 3f, -2.5f], x.Plus(0.5).data<float>().ToArray());
        Assert.Equal([2f, 5f, -6f], x.Plus(x).data<float>().ToArray());
        Assert.Equal([0f, -1.5f, 4f], x.Complement().data<float>().ToArray());
        Assert.Equal([3f, 6f, -5f], x.clone().Increase(x).Increase(1).data<float>().ToArray());
        Assert.Equal(0.5, x.sum().AsDouble());
        Assert.True(x.gt(Keep(2)).any().IsTrue());
        Assert.False(x.gt(Keep(3)).any().IsTrue());
        Assert.Equal((1L << 40) + 1, torch.tensor(1L << 40).add(Keep(1), Keep(1)).item<long>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<Scalar> MakeAndForget() => new(Keep(0.25));

    private static torch.Tensor Unkept(torch.Tensor x) => (x * 2) + x;
}
