using System.Runtime.InteropServices;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Native;

public partial class GlibcHeapTests
{
    // Above glibc's largest threshold of 32 MiB, and below the 64 MiB that a secondary arena can hold in one block.
    private const long Size = 48L << 20;

    [Fact]
    public void While_freed_memory_is_kept_a_large_tensor_comes_from_the_heap()
    {
        SkipElsewhere();
        using var kept = GlibcHeap.KeepFreedMemory();
        using var twice = GlibcHeap.KeepFreedMemory()!;
        twice.Dispose();
        twice.Dispose(); // counts once
        Assert.True(MappedByLarge() < Size, "The tensor was mapped.");
    }

    [Fact]
    public void It_is_kept_while_a_model_exists()
    {
        SkipElsewhere();
        var architecture = Zoo.Build("test_resnet");
        using var weights = ModelWeights.Fresh(architecture, 1);
        using var model = FlatModel.Create(architecture, weights, ComputeDevice.Cpu, channelsLast: true, learns: false);
        Assert.True(MappedByLarge() < Size, "The tensor was mapped.");
    }

    private static void SkipElsewhere() => Assert.SkipUnless(
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.Load("libc.so.6"), "mallinfo2", out _), "not glibc 2.33 or newer");

    private static long MappedByLarge()
    {
        LibTorch.Load();
        var before = (long)mallinfo2().Mapped;
        using var large = torch.zeros(Size, torch.uint8);
        return (long)mallinfo2().Mapped - before;
    }

    [LibraryImport("libc.so.6")]
    private static partial MallInfo mallinfo2();

    [StructLayout(LayoutKind.Sequential)]
    private struct MallInfo
    {
        public nuint Arena, Ordinary, Small, Maps, Mapped, Unused, SmallFree, InUse, Free, Releasable;
    }
}
