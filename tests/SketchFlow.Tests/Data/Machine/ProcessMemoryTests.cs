using SketchFlow.Data.Machine;

namespace SketchFlow.Tests.Data.Machine;

public class ProcessMemoryTests
{
    [Fact]
    public void The_peak_holds_what_was_resident()
    {
        const int Size = 64 << 20;
        var before = ProcessMemory.ResidentBytes;
        var touched = GC.AllocateUninitializedArray<byte>(Size, pinned: true);
        touched.AsSpan().Fill(1);
        Assert.InRange(before, 1 << 20, SystemMemory.LimitBytes);
        Assert.True(ProcessMemory.PeakBytes >= Math.Max(before, Size), $"peak {ProcessMemory.PeakBytes}, before {before}");
        GC.KeepAlive(touched);
    }

    [Fact]
    public void A_reset_takes_the_peak_down_to_what_is_resident()
    {
        if (!ProcessMemory.ResetPeak())
        {
            Assert.Skip("This system does not reset the peak.");
        }

        // Other tests run meanwhile: what they allocate between the two lines is far less than this.
        Assert.InRange(ProcessMemory.PeakBytes - ProcessMemory.ResidentBytes, -(256L << 20), 1L << 30);
    }

    [Fact]
    public void Free_memory_is_less_than_the_limit() => Assert.InRange(SystemMemory.FreeBytes, 0, SystemMemory.LimitBytes);
}
