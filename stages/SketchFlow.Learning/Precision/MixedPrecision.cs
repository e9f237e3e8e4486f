using System.Runtime.Intrinsics.X86;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Native;

namespace SketchFlow.Learning.Precision;

/// <summary>Resolves <see cref="AmpMode"/> for a device.</summary>
public static class MixedPrecision
{
    /// <summary>Chooses the precision of products.</summary>
    /// <exception cref="RefusalException">fp16 was requested on a CPU.</exception>
    public static ComputePrecision Resolve(AmpMode mode, ComputeDevice device)
    {
        var cuda = device.IsCuda;
        return mode switch
        {
            AmpMode.Off => ComputePrecision.Float32,
            AmpMode.Bf16 => ComputePrecision.BFloat16,
            AmpMode.Fp16 when cuda => ComputePrecision.Float16,
            AmpMode.Fp16 => throw new RefusalException("--amp fp16 needs CUDA: CPUs compute float16 slowly and without range; use --amp bf16 or auto."),
            _ when !Autocast.IsSupported => ComputePrecision.Float32,
            _ when cuda => device.ComputeCapability is { Major: >= 8 } ? ComputePrecision.BFloat16 : ComputePrecision.Float16,
            _ => CpuIsFasterInBFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32,
        };
    }

    /// <summary>Whether the CPU multiplies bfloat16 in hardware (AVX512-BF16 or AMX-BF16).</summary>
    public static bool CpuHasBFloat16 => HasAvx512BFloat16 || HasAmx;

    /// <summary>Whether bfloat16 products are faster than float32 products: with AMX, or with AVX512-BF16 on AMD's CPUs.</summary>
    /// <remarks>
    /// VDPBF16PS multiplies 32 pairs. AMD's Zen 4 and 5 issue it as often as a float32 FMA of 16, for twice the products per cycle. Intel's CPUs
    /// issue it once per cycle but two FMAs (uops.info): equal products, and the casts cost time. Measured on a Sapphire Rapids class Xeon whose
    /// AMX the hypervisor hides: resnet18 0.75 and convnext_atto 0.60 times as fast as float32. On Intel's CPUs AMX brings the gain. Instructions that
    /// <c>ONEDNN_MAX_CPU_ISA</c> forbids to oneDNN, which computes libtorch's products, do not count.
    /// </remarks>
    public static bool CpuIsFasterInBFloat16 => IsFasterInBFloat16(InstructionLimit);

    // oneDNN reads its older variable where the newer one is not set.
    private static string? InstructionLimit =>
        Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA") ?? Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA");

    /// <summary>Decides whether bfloat16 products are faster where oneDNN uses no instructions above a limit.</summary>
    /// <param name="limit">Value of <c>ONEDNN_MAX_CPU_ISA</c> (oneDNN developer guide, CPU dispatcher control); null for no limit.</param>
    internal static bool IsFasterInBFloat16(string? limit)
    {
        var names = limit is null or "" ? "ALL" : limit.ToUpperInvariant();
        var all = names is "ALL" or "DEFAULT";
        var allowsAmx = all || names.Contains("AMX", StringComparison.Ordinal);
        var allowsBFloat16 = allowsAmx || names.Contains("BF16", StringComparison.Ordinal) || names.Contains("FP16", StringComparison.Ordinal)
            || names.Contains("AVX10", StringComparison.Ordinal);
        return (HasAmx && allowsAmx) || (HasAvx512BFloat16 && allowsBFloat16 && !IsIntel);
    }

    // Intel SDM volume 2A, CPUID leaf 7: sub-leaf 1 EAX bit 5 AVX512_BF16; sub-leaf 0 EDX bit 22 AMX-BF16.
    private static bool HasAvx512BFloat16 { get; } = Avx512F.IsSupported && HasLeaf7 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0;

    private static bool HasAmx { get; } = Avx512F.IsSupported && HasLeaf7 && (X86Base.CpuId(7, 0).Edx & (1 << 22)) != 0;

    // Leaf 0 spells the vendor: "Genu", "ineI", "ntel" in EBX, EDX, ECX.
    private static bool IsIntel { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0) is { Ebx: 0x756E6547, Edx: 0x49656E69, Ecx: 0x6C65746E };

    private static bool HasLeaf7 => X86Base.IsSupported && X86Base.CpuId(0, 0).Eax >= 7;
}
