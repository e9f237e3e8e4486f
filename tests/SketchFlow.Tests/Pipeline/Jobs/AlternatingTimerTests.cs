using SketchFlow.Pipeline.Jobs;

namespace SketchFlow.Tests.Pipeline.Jobs;

public sealed class AlternatingTimerTests
{
    [Fact]
    public void Implementations_run_alternately_and_the_slower_one_has_the_lower_rate()
    {
        var calls = new List<int>();
        void Run(int implementation, int milliseconds)
        {
            calls.Add(implementation);
            Thread.Sleep(milliseconds);
        }

        var rates = AlternatingTimer.Measure(1, () => Run(0, 10), () => Run(1, 40), () => Run(2, 300));
        var rounds = calls.Where((call, i) => i == 0 || calls[i - 1] != call);
        Assert.Equal([0, 1, 2, 0, 1, 2], rounds);
        Assert.True(rates[0] > rates[1] && rates[1] > rates[2], string.Join(" ", rates));
        // A sleep is never shorter, so that a busy machine does not change these bounds.
        Assert.InRange(rates[0], 0.01, 100);
        Assert.InRange(rates[2], 0.01, 1 / 0.299);
        Assert.Equal(2, calls.Count(call => call == 2));
    }
}
