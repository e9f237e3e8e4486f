using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Tests.Learning.Models.Catalog;

public sealed class PretrainedTests
{
    [Fact]
    public void A_tag_names_its_repository_size_classes_and_preprocessing()
    {
        var tag = Pretrained.Find("convnext_xxlarge.clip_laion2b_soup_ft_in1k")!;
        Assert.Equal("timm/convnext_xxlarge.clip_laion2b_soup_ft_in1k", tag.Repository);
        Assert.Equal((256, 1000), (tag.InputSize, tag.Classes));
        Assert.Equal((Preprocessing.Clip.Mean, Preprocessing.Clip.Std), (tag.Preprocessing.Mean, tag.Preprocessing.Std), SameNumbers);
        Assert.Equal(("bicubic", 1.0, "center"), (tag.Preprocessing.Interpolation, tag.Preprocessing.CropPct, tag.Preprocessing.CropMode));

        var eva = Pretrained.Find("hf-hub:timm/eva02_large_patch14_448.mim_m38m_ft_in22k_in1k")!;
        Assert.Equal((448, "squash", true), (eva.InputSize, eva.Preprocessing.CropMode, eva.IsFixedInput));
        Assert.Equal(384, Pretrained.Find("regnety_1280.swag_ft_in1k")!.InputSize);
        Assert.Equal(21841, Pretrained.Find("eva02_large_patch14_448.mim_in22k_ft_in22k")!.Classes);
        Assert.Equal("naver-ai/rdnet_base.nv_in1k", Pretrained.Find("rdnet_base")!.Repository);

        static bool SameNumbers(
            (System.Collections.Immutable.ImmutableArray<double> A, System.Collections.Immutable.ImmutableArray<double> B) x,
            (System.Collections.Immutable.ImmutableArray<double> A, System.Collections.Immutable.ImmutableArray<double> B) y) =>
            x.A.SequenceEqual(y.A) && x.B.SequenceEqual(y.B);
    }

    [Fact]
    public void A_model_without_tag_means_timms_default_tag_and_a_replaced_name_means_the_new_one()
    {
        Assert.Equal("a1_in1k", Pretrained.Find("resnet18")!.Tag);
        Assert.Equal(Pretrained.Find("resnet18"), Pretrained.Resolve("resnet18", "default"));
        Assert.Equal("resnetv2_50x1_bit.goog_in21k_ft_in1k", Pretrained.Find("resnetv2_50x1_bitm")!.FullName);
        Assert.Null(Pretrained.Find("resnet18.nobody"));
        Assert.Null(Pretrained.Find("nothing"));
    }

    [Fact]
    public void Unknown_weights_are_refused_with_the_available_ones()
    {
        Assert.Contains("tv_in1k", Assert.Throws<RefusalException>(() => Pretrained.Resolve("resnet18", "gold")).Message, StringComparison.Ordinal);
        var refusal = Assert.Throws<RefusalException>(() => Pretrained.Resolve("resnet18", "resnet34.a1_in1k"));
        Assert.Contains("resnet34", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--weights", Assert.Throws<RefusalException>(() => Pretrained.Resolve("perceptron", "default")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_unique_and_every_row_is_in_range()
    {
        Assert.Equal(Pretrained.All.Length, Pretrained.All.Select(t => t.FullName).Distinct(StringComparer.Ordinal).Count());
        Assert.All(Pretrained.All, t =>
        {
            Assert.Equal(t, Pretrained.Find(t.FullName));
            Assert.Equal(t, Pretrained.Find($"timm/{t.FullName}"));
            Assert.Contains('/', t.Repository);
            Assert.InRange(t.InputSize, 32, 1024);
            Assert.InRange(t.Classes, 0, 30_000);
            Assert.InRange(t.Preprocessing.CropPct, 0.3, 1);
            Assert.Contains(t.Preprocessing.Interpolation, (string[])["bicubic", "bilinear"]);
            Assert.Contains(t.Preprocessing.CropMode, (string[])["center", "squash", "border"]);
            Assert.Equal(3, t.Preprocessing.Mean.Length);
            Assert.All(t.Preprocessing.Std, s => Assert.InRange(s, 0.1, 1));
        });
    }

    /// <summary>The fixtures, which timm itself computed, must agree with the default tags.</summary>
    [Fact]
    public void The_default_tags_agree_with_timms_fixtures()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Reference.Folder, "parity"), "*.json"))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file));
            var (model, timm) = (json.RootElement.GetProperty("model").GetString()!, json.RootElement.GetProperty("timm"));
            if (Pretrained.TagsFor(model) is not [var tag, ..])
            {
                continue;
            }

            Assert.Equal(timm.GetProperty("mean").EnumerateArray().Select(v => v.GetDouble()), tag.Preprocessing.Mean);
            Assert.Equal(timm.GetProperty("std").EnumerateArray().Select(v => v.GetDouble()), tag.Preprocessing.Std);
            Assert.Equal(timm.GetProperty("interpolation").GetString(), tag.Preprocessing.Interpolation);
            Assert.Equal(timm.GetProperty("crop_pct").GetDouble(), tag.Preprocessing.CropPct);
            Assert.Equal(timm.GetProperty("crop_mode").GetString(), tag.Preprocessing.CropMode);
            Assert.Equal(timm.GetProperty("input_size")[1].GetInt32(), tag.InputSize);
        }
    }

    /// <summary>Compares two sources of timm's configurations: the families' code and the generated table of pretrained tags.</summary>
    [Fact]
    public void An_architecture_has_the_preprocessing_of_its_default_weights()
    {
        var other = Zoo.Names.Where(name => Pretrained.TagsFor(name) is [var tag, ..] && !Same(Zoo.Build(name), tag));
        Assert.Empty(other);

        static bool Same(Architecture model, PretrainedTag tag) =>
            model.InputSize == tag.InputSize
            && model.Preprocessing.Mean.SequenceEqual(tag.Preprocessing.Mean)
            && model.Preprocessing.Std.SequenceEqual(tag.Preprocessing.Std)
            && model.Preprocessing with { Mean = [], Std = [] } == tag.Preprocessing with { Mean = [], Std = [] };
    }
}
