using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Families;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using SketchFlow.Learning.Weights.Safetensors;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Weights;

public sealed class ModelWeightsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weights").FullName;

    private string FilePath => Path.Combine(_folder, "m.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Fresh_weights_depend_on_seed_and_name_alone()
    {
        using var a = ModelWeights.Fresh(Zoo.Build("convnext_atto"), 1);
        using var b = ModelWeights.Fresh(Zoo.Build("convnext_atto", new() { Classes = 7 }), 1);
        using var c = ModelWeights.Fresh(Zoo.Build("convnext_atto"), 2);
        Assert.True(a["stages.2.blocks.3.mlp.fc1.weight"].Same(b["stages.2.blocks.3.mlp.fc1.weight"]));
        Assert.False(a["stages.2.blocks.3.mlp.fc1.weight"].Same(c["stages.2.blocks.3.mlp.fc1.weight"]));
        Assert.False(a["stages.2.blocks.3.mlp.fc1.weight"].Same(a["stages.2.blocks.4.mlp.fc1.weight"]));
    }

    [Fact]
    public void Fresh_weights_have_the_distribution_of_their_initializer()
    {
        var architecture = Zoo.Build("resnet18");
        using var weights = ModelWeights.Fresh(architecture, 3);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors).Where(p => p.First.Count > 20_000))
        {
            var (mean, deviation) = (tensor.mean().item<float>(), tensor.std().item<float>());
            var expected = spec.Initializer switch
            {
                Initializer.Normal n => n.StandardDeviation,
                Initializer.TruncatedNormal n => n.StandardDeviation,
                Initializer.Uniform u => u.Bound / Math.Sqrt(3),
                _ => throw new InvalidOperationException($"{spec} is large and starts as {spec.Initializer}."),
            };
            Assert.InRange(mean, -expected * 0.05, expected * 0.05);
            Assert.InRange(deviation, expected * 0.97, expected * 1.03);
        }

        Assert.Equal(0, weights["layer1.0.bn2.weight"].abs().max().item<float>());
        Assert.Equal(1, weights["layer1.0.bn1.weight"].min().item<float>());
        Assert.Equal(0, weights["bn1.num_batches_tracked"].item<long>());
    }

    [Fact]
    public void Two_matrices_stored_as_one_tensor_are_initialised_independently()
    {
        var values = new float[200_000];
        unsafe
        {
            fixed (float* first = values)
            {
                DeterministicFill.Fill(first, values.Length, new Initializer.Halves(new Initializer.Normal(2), Initializer.Ones), 1, "w");
            }
        }

        Assert.InRange(values.Take(100_000).Average(v => v * v), 3.9, 4.1);
        Assert.All(values.Skip(100_000), v => Assert.Equal(1, v));
    }

    // Measured from timm (timm 1.0.29, PyTorch 2.6).
    [Theory]
    [InlineData("vit_small_r26_s32_224", "patch_embed.backbone.stages.1.blocks.0.norm3.weight", 0)]
    [InlineData("vit_small_r26_s32_224", "patch_embed.backbone.stem.conv.weight", 0.0253)]
    [InlineData("vit_tiny_r_s16_p8_224", "patch_embed.backbone.conv.weight", 0.0476)]
    [InlineData("aimv2_large_patch14_224", "blocks.3.mlp.fc1_g.weight", 1e-6)]
    [InlineData("aimv2_large_patch14_224", "blocks.3.mlp.fc1_x.weight", 0.02)]
    public void Initial_standard_deviations_are_those_of_timm(string model, string tensor, double deviation)
    {
        var found = Zoo.Build(model).Tensors.Single(t => t.Name == tensor).Initializer switch
        {
            Initializer.Constant => 0,
            Initializer.Normal normal => normal.StandardDeviation,
            Initializer.TruncatedNormal cut => cut.StandardDeviation,
            Initializer.Uniform uniform => uniform.Bound / Math.Sqrt(3),
            var other => throw new InvalidOperationException($"{other}"),
        };
        Assert.Equal(deviation, found, (deviation * 0.01) + 1e-9);
    }

    [Fact]
    public void A_truncated_normal_is_truncated_at_two_standard_deviations()
    {
        var values = new float[100_000];
        unsafe
        {
            fixed (float* first = values)
            {
                DeterministicFill.Fill(first, values.Length, new Initializer.TruncatedNormal(1), 1, "w");
            }
        }

        Assert.InRange(values.Max(), 1.9f, 2);
        Assert.InRange(values.Min(), -2, -1.9f);
        Assert.InRange(values.Average(v => v * v), 0.75, 0.8);
    }

    [Fact]
    public void Saved_weights_are_loaded_unchanged()
    {
        var architecture = Zoo.Build("resnet18", new() { Classes = 5 });
        using var saved = ModelWeights.Fresh(architecture, 1);
        saved.Save(FilePath);
        var (loaded, report) = ModelWeights.Load(architecture, FilePath, 9);
        using (loaded)
        {
            Assert.Equal($"all {architecture.Tensors.Length} tensors loaded unchanged", report.ToString());
            Assert.All(saved.Tensors.Zip(loaded.Tensors), p => Assert.True(p.First.Same(p.Second)));
        }
    }

    [Fact]
    public void Another_number_of_classes_reinitialises_the_classifier_and_reports_it()
    {
        using var saved = ModelWeights.Fresh(Zoo.Build("resnet18", new() { Classes = 5 }), 1);
        saved.Save(FilePath);
        var (loaded, report) = ModelWeights.Load(Zoo.Build("resnet18", new() { Classes = 3 }), FilePath, 9);
        using (loaded)
        {
            Assert.Equal(["fc.weight", "fc.bias"], report.NewClassifier);
            Assert.Contains("new classifier (the file's has 5 classes): fc.weight, fc.bias", report.ToString(), StringComparison.Ordinal);
            Assert.Equal([3L, 512L], loaded["fc.weight"].shape);
            Assert.True(loaded["conv1.weight"].Same(saved["conv1.weight"]));
        }

        var (none, ignored) = ModelWeights.Load(Zoo.Build("resnet18", new() { Classes = 0 }), FilePath, 9);
        using (none)
        {
            Assert.Equal(["fc.weight", "fc.bias"], ignored.IgnoredClassifier);
        }
    }

    [Fact]
    public void Weights_of_another_model_are_refused_by_name()
    {
        using (var saved = ModelWeights.Fresh(Zoo.Build("resnet18"), 1))
        {
            saved.Save(FilePath);
        }

        var refusal = Assert.Throws<RefusalException>(() => ModelWeights.Load(Zoo.Build("resnet50"), FilePath, 1));
        Assert.Contains(FilePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("missing: layer1.0.conv3.weight", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("layer1.0.conv1.weight (64, 64, 3, 3) instead of (64, 64, 1, 1)", refusal.Message, StringComparison.Ordinal);
        refusal = Assert.Throws<RefusalException>(() => ModelWeights.Load(Zoo.Build("convnext_atto"), FilePath, 1));
        Assert.Contains("unexpected: conv1.weight", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_counter_is_zero_and_a_missing_weight_is_refused()
    {
        var architecture = Zoo.Build("resnet18", new() { Classes = 3 });
        using var saved = ModelWeights.Fresh(architecture, 1);
        var all = architecture.Tensors.Zip(saved.Tensors, (spec, tensor) => (spec.Name, tensor)).ToList();
        SafetensorsFormat.Write(FilePath, all.Where(t => !t.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal)));
        var (loaded, report) = ModelWeights.Load(architecture, FilePath, 9);
        using (loaded)
        {
            Assert.Equal(20, report.Counters.Length);
            Assert.Equal(0, loaded["bn1.num_batches_tracked"].item<long>());
        }

        SafetensorsFormat.Write(FilePath, all.Where(t => t.Name != "bn1.bias"));
        var refusal = Assert.Throws<RefusalException>(() => ModelWeights.Load(architecture, FilePath, 9));
        Assert.Contains("missing: bn1.bias", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loading_without_strict_loads_the_matching_tensors_and_lists_the_rest()
    {
        var architecture = Zoo.Build("resnet18", new() { Classes = 3 });
        using var saved = ModelWeights.Fresh(architecture, 1);
        var all = architecture.Tensors.Zip(saved.Tensors, (spec, tensor) => (spec.Name, tensor)).ToList();
        using var wrong = torch.ones(7);
        SafetensorsFormat.Write(FilePath, [.. all.Where(t => t.Name is not ("bn1.bias" or "bn1.weight")), ("bn1.weight", wrong), ("aux.weight", wrong)]);
        Assert.Throws<RefusalException>(() => ModelWeights.Load(architecture, FilePath, 9));
        var (loaded, report) = ModelWeights.Load(architecture, FilePath, 9, strict: false);
        using (loaded)
        {
            Assert.Equal(["bn1.bias"], report.Missing);
            Assert.Equal(["aux.weight"], report.Unexpected);
            Assert.Equal(["bn1.weight"], report.Mismatched);
            Assert.True(loaded["layer1.0.conv1.weight"].Same(saved["layer1.0.conv1.weight"]));
            Assert.Equal(1, loaded["bn1.weight"].mean().item<float>());
            Assert.Contains("aux.weight", report.ToString(), StringComparison.Ordinal);
        }

        SafetensorsFormat.Write(FilePath, [("aux.weight", wrong)]);
        var refusal = Assert.Throws<RefusalException>(() => ModelWeights.Load(architecture, FilePath, 9, strict: false));
        Assert.Contains("aux.weight", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flat_model_read_from_a_file_is_the_model_of_its_weights()
    {
        var architecture = Zoo.Build("resnet18", new() { Classes = 3 });
        using var saved = ModelWeights.Fresh(architecture, 1);
        saved.Save(FilePath);
        foreach (var channelsLast in new[] { false, true })
        {
            var (model, report) = FlatModel.Load(architecture, FilePath, 9, ComputeDevice.Cpu, channelsLast, learns: true);
            using (model)
            {
                Assert.Equal($"all {architecture.Tensors.Length} tensors loaded unchanged", report.ToString());
                Assert.All(saved.Tensors.Zip(model.Weights), p => Assert.True(p.First.Same(p.Second)));
            }
        }
    }

    [Theory]
    [InlineData("_orig_mod.")]
    [InlineData("state_dict_ema.")]
    [InlineData("state_dict.model._orig_mod.")]
    [InlineData("module.")]
    [InlineData("model.")]
    [InlineData("model.module.")]
    [InlineData("model_ema.module.")]
    public void Names_with_a_wrapper_prefix_are_recognised(string prefix)
    {
        var architecture = Zoo.Build("resnet18", new() { Classes = 3 });
        using var saved = ModelWeights.Fresh(architecture, 1);
        SafetensorsFormat.Write(FilePath, architecture.Tensors.Zip(saved.Tensors, (spec, tensor) => (prefix + spec.Name, tensor)));
        var (loaded, report) = ModelWeights.Load(architecture, FilePath, 9);
        using (loaded)
        {
            Assert.Equal(prefix, report.Prefix);
            Assert.All(saved.Tensors.Zip(loaded.Tensors), p => Assert.True(p.First.Same(p.Second)));
        }

        SafetensorsFormat.Write(FilePath, architecture.Tensors.Zip(saved.Tensors, (spec, tensor) => ("student." + spec.Name, tensor)));
        var refusal = Assert.Throws<RefusalException>(() => ModelWeights.Load(architecture, FilePath, 9));
        Assert.Contains("unexpected: student.conv1.weight", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_average_is_preferred_to_the_raw_weights_and_the_other_copy_is_listed()
    {
        var architecture = Zoo.Build("resnet18", new() { Classes = 3 });
        using var plain = ModelWeights.Fresh(architecture, 1);
        using var average = ModelWeights.Fresh(architecture, 2);
        SafetensorsFormat.Write(FilePath, [
            .. architecture.Tensors.Zip(plain.Tensors, (spec, tensor) => ("model." + spec.Name, tensor)),
            .. architecture.Tensors.Zip(average.Tensors, (spec, tensor) => ("ema." + spec.Name, tensor))]);
        var (loaded, report) = ModelWeights.Load(architecture, FilePath, 9);
        using (loaded)
        {
            Assert.Equal("ema.", report.Prefix);
            Assert.Equal(["model."], report.OtherCopies);
            Assert.True(loaded["conv1.weight"].Same(average["conv1.weight"]));
        }
    }

    [Fact]
    public void Half_precision_weights_are_widened()
    {
        using var scope = torch.NewDisposeScope();
        var architecture = Zoo.Build("convnext_atto", new() { Classes = 3 });
        using var saved = ModelWeights.Fresh(architecture, 1);
        SafetensorsFormat.Write(FilePath, architecture.Tensors.Zip(saved.Tensors, (spec, tensor) => (spec.Name, tensor.to(torch.ScalarType.BFloat16))));
        var (loaded, _) = ModelWeights.Load(architecture, FilePath, 9);
        using (loaded)
        {
            Assert.All(saved.Tensors.Zip(loaded.Tensors), p =>
                Assert.True(p.First.to(torch.ScalarType.BFloat16).to(torch.ScalarType.Float32).Same(p.Second)));
        }
    }

    [Fact]
    public void Position_embeddings_of_segment_anything_follow_the_image_size_except_those_of_windows()
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var config = new VisionTransformerSam.Config { Patch = 4, Width = 8, Heads = 2, Depth = 2, GlobalBlocks = [1], Window = 3, NeckChannels = 0 };
        var small = VisionTransformerSam.Declare("sam", config, new() { Classes = 3, InputSize = 16 });
        using var saved = ModelWeights.Fresh(small, 1);
        saved["pos_embed"].copy_(torch.arange(Keep(0), Keep(4), Keep(1), torch.float32).reshape(1, 4, 1, 1).expand(1, 4, 4, 8));
        saved["blocks.1.attn.rel_pos_h"].copy_(torch.arange(Keep(0), Keep(7), Keep(1), torch.float32).unsqueeze(1).expand(7, 4));
        saved.Save(FilePath);
        var (loaded, report) = ModelWeights.Load(VisionTransformerSam.Declare("sam", config, new() { Classes = 3, InputSize = 32 }), FilePath, 9);
        using (loaded)
        {
            Assert.Equal(["pos_embed", "blocks.1.attn.rel_pos_h", "blocks.1.attn.rel_pos_w"], report.Resampled);
            Assert.True(loaded["blocks.0.attn.rel_pos_h"].Same(saved["blocks.0.attn.rel_pos_h"]));

            // A ramp remains a ramp, linear between the ends.
            for (var step = 0; step < 15; step++)
            {
                Assert.Equal(Math.Clamp(((step + 0.5) * 7 / 15) - 0.5, 0, 6), loaded["blocks.1.attn.rel_pos_h"][step].mean().item<float>(), 1e-5);
            }

            var grid = loaded["pos_embed"];
            Assert.Equal([1L, 8L, 8L, 8L], grid.shape);
            Assert.Equal(1.5, grid.mean().item<float>(), 1e-4);
            Assert.True((grid[0, 1..] - grid[0, ..7]).min().item<float>() > -1e-6);
            Assert.Equal(0, grid.std(2).max().item<float>(), 1e-5f);
        }
    }

    [Theory]
    [InlineData("vit_tiny_patch16_224", 1)]
    [InlineData("vit_small_patch14_reg4_dinov2", 0)]
    public void Position_embeddings_follow_the_image_size(string name, int prefix)
    {
        using var scope = torch.NewDisposeScope();
        var small = Zoo.Build(name, new() { Classes = 3, InputSize = 112 });
        var large = Zoo.Build(name, new() { Classes = 3, InputSize = 224 });
        using var saved = ModelWeights.Fresh(small, 1);

        // A ramp along the rows remains a ramp under any interpolation.
        var side = (int)Math.Sqrt(saved["pos_embed"].shape[1] - prefix);
        for (var row = 0; row < side; row++)
        {
            using var tokens = saved["pos_embed"].narrow(1, prefix + (row * side), side);
            tokens.fill_(Keep(row));
        }

        saved.Save(FilePath);
        var (loaded, report) = ModelWeights.Load(large, FilePath, 9);
        using (loaded)
        {
            Assert.Equal(["pos_embed"], report.Resampled);
            var grid = loaded["pos_embed"].narrow(1, prefix, 4 * side * side).reshape(2 * side, 2 * side, -1);
            for (var row = 4; row < (2 * side) - 4; row++)
            {
                Assert.Equal(((row + 0.5) / 2) - 0.5, grid[row].mean().item<float>(), 1e-3);
            }

            Assert.True(grid[0].std().item<float>() < 1e-4);
            if (prefix > 0)
            {
                Assert.True(loaded["pos_embed"].narrow(1, 0, prefix).Same(saved["pos_embed"].narrow(1, 0, prefix)));
            }
        }
    }
}
