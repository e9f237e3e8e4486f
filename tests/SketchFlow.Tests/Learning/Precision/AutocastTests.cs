using SketchFlow.Data.Images;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Precision;
using SketchFlow.Learning.Training;
using SketchFlow.Learning.Training.Losses;
using TorchSharp;
using static TorchSharp.torch.nn;

namespace SketchFlow.Tests.Learning.Precision;

public class AutocastTests
{
    private static readonly Dictionary<string, Func<torch.Tensor, torch.Tensor>> Operations = new(StringComparer.Ordinal)
    {
        ["conv2d"] = x => functional.conv2d(x, torch.ones(4, 3, 3, 3)),
        ["linear"] = x => functional.linear(x, torch.ones(5, 8)),
        ["matmul"] = x => x.matmul(torch.ones(8, 8)),
        ["attention"] = x => functional.scaled_dot_product_attention(x, x, x),
        ["relu"] = x => x.relu(),
        ["softmax"] = x => x.softmax(-1),
        ["layer_norm"] = x => functional.layer_norm(x, [8]),
        ["sum"] = x => x.sum(),
        ["mse_loss"] = x => functional.mse_loss(x, x),
    };

    [Theory]
    [InlineData("conv2d", torch.ScalarType.BFloat16)]
    [InlineData("linear", torch.ScalarType.BFloat16)]
    [InlineData("matmul", torch.ScalarType.BFloat16)]
    [InlineData("attention", torch.ScalarType.BFloat16)]
    [InlineData("relu", torch.ScalarType.Float32)]
    [InlineData("softmax", torch.ScalarType.Float32)]
    [InlineData("layer_norm", torch.ScalarType.Float32)]
    [InlineData("sum", torch.ScalarType.Float32)]
    [InlineData("mse_loss", torch.ScalarType.Float32)]
    public void Products_of_float32_come_out_in_bfloat16_and_everything_else_keeps_its_type(string operation, torch.ScalarType expected)
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.ones(2, 3, 8, 8);
        using (Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16))
        {
            Assert.Equal(expected, Operations[operation](x).dtype);
        }

        Assert.Equal(torch.ScalarType.Float32, Operations[operation](x).dtype);
    }

    [Theory]
    [InlineData("conv2d", torch.ScalarType.BFloat16)]
    [InlineData("relu", torch.ScalarType.BFloat16)]
    [InlineData("mse_loss", torch.ScalarType.Float32)]
    public void Inputs_in_bfloat16_keep_their_type_except_in_losses(string operation, torch.ScalarType expected)
    {
        using var scope = torch.NewDisposeScope();
        using var cast = Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16);
        Assert.Equal(expected, Operations[operation](torch.ones(2, 3, 8, 8, dtype: torch.ScalarType.BFloat16)).dtype);
    }

    [Fact]
    public void The_loss_of_training_is_float32()
    {
        using var scope = torch.NewDisposeScope();
        using var cast = Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16);
        var logits = functional.linear(torch.ones(4, 8), torch.ones(3, 8));
        Assert.Equal(torch.ScalarType.BFloat16, logits.dtype);
        Assert.Equal(torch.ScalarType.Float32, new CrossEntropy { LabelSmoothing = 0.1 }.Mean(logits, torch.zeros(4, dtype: torch.ScalarType.Int64)).dtype);
    }

    [Fact]
    public void Scopes_nest_and_restore_the_previous_state()
    {
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        using (Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16))
        {
            using (Autocast.Enter(DeviceType.CPU, torch.ScalarType.Float16))
            {
                Assert.Equal(torch.ScalarType.Float16, Operations["matmul"](torch.ones(8, 8)).dtype);
            }

            Assert.Equal(torch.ScalarType.BFloat16, Operations["matmul"](torch.ones(8, 8)).dtype);
            using (Autocast.Enter(DeviceType.CPU, null))
            {
                Assert.True(Autocast.IsEnabled(DeviceType.CPU));
            }
        }

        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
    }

    [Fact]
    public void A_suspended_scope_computes_as_outside_and_resumes_afterwards()
    {
        using (Autocast.Suspend(DeviceType.CPU))
        {
            Assert.False(Autocast.IsEnabled(DeviceType.CPU));
        }

        using (Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16))
        {
            using (Autocast.Suspend(DeviceType.CPU))
            {
                Assert.Equal(torch.ScalarType.Float32, Operations["matmul"](torch.ones(8, 8)).dtype);
            }

            Assert.Equal(torch.ScalarType.BFloat16, Autocast.Current(DeviceType.CPU));
        }

        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Attention_in_training_on_a_CPU_computes_in_float32_and_returns_the_type_of_its_queries(bool training)
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        var x = torch.randn(2, 3, 9, 8).to(torch.ScalarType.BFloat16);
        var bias = torch.randn(1, 3, 9, 9);
        var wide = x.to(torch.ScalarType.Float32);
        var exact = functional.scaled_dot_product_attention(wide, wide, wide, bias).to(torch.ScalarType.BFloat16);
        using var cast = Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16);
        var value = new Value(x);
        var pass = new ForwardContext([x]) { Training = training };
        var found = Nn.ScaledDotProductAttention(pass, "attention", value, value, value, new Value(bias)).Tensor;
        Assert.Equal(torch.ScalarType.BFloat16, found.dtype);
        Assert.Equal(training, found.equal(exact).all().item<bool>());
    }

    [Fact]
    public void A_scope_that_throws_is_closed()
    {
        Assert.Throws<InvalidOperationException>(Break);
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));

        static void Break()
        {
            using var cast = Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16);
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void Other_threads_are_not_touched()
    {
        var enabled = true;
        using (Autocast.Enter(DeviceType.CPU, torch.ScalarType.BFloat16))
        {
            var thread = new Thread(() => enabled = Autocast.IsEnabled(DeviceType.CPU));
            thread.Start();
            thread.Join();
        }

        Assert.False(enabled);
    }

    [Long]
    [Fact]
    public void Mixed_precision_learns_as_float32_does()
    {
        using var batch = SmallModels.Batch(12);
        using var plain = SmallModels.Learner();
        using var mixed = SmallModels.Learner(ComputePrecision.BFloat16);
        var (expected, actual) = (SmallModels.Losses(plain, batch, 12), SmallModels.Losses(mixed, batch, 12));
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.05 * expected[0]));
        Assert.True(actual[^1] < 0.5 * actual[0], $"the loss went from {actual[0]} to {actual[^1]}");
    }

    [Fact]
    public void Half_precision_is_refused_where_it_has_no_range()
    {
        var refusal = Assert.Throws<RefusalException>(() => MixedPrecision.Resolve(AmpMode.Fp16, ComputeDevice.Cpu));
        Assert.Contains("bf16", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ComputePrecision.Float32, MixedPrecision.Resolve(AmpMode.Off, ComputeDevice.Cpu));
        Assert.Equal(ComputePrecision.BFloat16, MixedPrecision.Resolve(AmpMode.Bf16, ComputeDevice.Cpu));
        var automatic = MixedPrecision.CpuIsFasterInBFloat16 ? ComputePrecision.BFloat16 : ComputePrecision.Float32;
        Assert.Equal(automatic, MixedPrecision.Resolve(AmpMode.Auto, ComputeDevice.Cpu));
    }

    [Fact]
    public void The_detected_CPU_features_are_those_that_the_system_reports()
    {
        const string Info = "/proc/cpuinfo";
        Assert.SkipUnless(File.Exists(Info), "no /proc/cpuinfo");
        var flags = File.ReadLines(Info).First(l => l.StartsWith("flags", StringComparison.Ordinal)).Split(' ');
        Assert.Equal(flags.Contains("avx512_bf16") || flags.Contains("amx_bf16"), MixedPrecision.CpuHasBFloat16);
        var intel = File.ReadLines(Info).First(l => l.StartsWith("vendor_id", StringComparison.Ordinal)).Contains("GenuineIntel", StringComparison.Ordinal);
        var (amx, bfloat16) = (flags.Contains("amx_bf16"), flags.Contains("avx512_bf16") && !intel);
        Assert.All([null, "", "ALL", "default", "AVX512_CORE_AMX"], limit => Assert.Equal(amx || bfloat16, MixedPrecision.IsFasterInBFloat16(limit)));
        var own = Environment.GetEnvironmentVariable("ONEDNN_MAX_CPU_ISA") ?? Environment.GetEnvironmentVariable("DNNL_MAX_CPU_ISA");
        Assert.Equal(MixedPrecision.IsFasterInBFloat16(own), MixedPrecision.CpuIsFasterInBFloat16);
        Assert.All(["AVX512_CORE_BF16", "avx10_1_512"], limit => Assert.Equal(bfloat16, MixedPrecision.IsFasterInBFloat16(limit)));
        Assert.All(["AVX512_CORE_VNNI", "AVX2", "sse41"], limit => Assert.False(MixedPrecision.IsFasterInBFloat16(limit)));
    }
}
