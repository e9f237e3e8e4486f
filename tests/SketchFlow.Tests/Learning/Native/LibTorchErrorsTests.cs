using System.Runtime.InteropServices;
using SketchFlow.Learning.Native;
using TorchSharp;

namespace SketchFlow.Tests.Learning.Native;

public class LibTorchErrorsTests
{
    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 20.00 MiB.")]
    [InlineData("[enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes.")]
    [InlineData("std::bad_alloc")]
    [InlineData("[enforce fail at alloc_cpu.cpp:127] data. DefaultCPUAllocator: can't allocate memory: ... Error code 12 (Cannot allocate memory)")]
    [InlineData("could not create a memory object")]
    [InlineData("oneDNN: dnnl_out_of_memory")]
    [InlineData("DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes.")]
    public void Exhausted_memory_is_recognised_by_libtorchs_words(string message) => Assert.True(LibTorchErrors.IsOutOfMemory(new ExternalException(message)));

    [Fact]
    public void The_cause_within_a_flow_or_a_parallel_loop_counts()
    {
        var cause = new ExternalException("DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes.");
        Assert.True(LibTorchErrors.IsOutOfMemory(new AggregateException(new InvalidOperationException("x"), cause)));
        Assert.True(LibTorchErrors.IsOutOfMemory(new InvalidOperationException("\"train\" failed on item 3", cause)));
        Assert.True(LibTorchErrors.IsOutOfMemory(new TypeInitializationException("T", new OutOfMemoryException())));
        Assert.False(LibTorchErrors.IsOutOfMemory(new SketchFlow.Data.Outcomes.RefusalException("out of memory is a class name")));
    }

    [Fact]
    public void Other_errors_are_not_mistaken_for_exhausted_memory() =>
        Assert.False(LibTorchErrors.IsOutOfMemory(new ExternalException("The size of tensor a (2) must match the size of tensor b (3)")));

    [Fact]
    public void A_tensor_beyond_all_memory_is_recognised()
    {
        LibTorch.Load();
        var thrown = Assert.ThrowsAny<Exception>(() => torch.empty(1L << 50, torch.uint8));
        Assert.True(LibTorchErrors.IsOutOfMemory(thrown), thrown.Message);
    }
}
