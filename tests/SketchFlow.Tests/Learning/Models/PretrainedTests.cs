using System.Text.Json;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;

namespace SketchFlow.Tests.Learning.Models;

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
    public void A_model_alone_means_timms_default_tag_and_a_name_given_up_means_the_new_one()
    {
        Assert.Equal("a1_in1k", Pretrained.Find("resnet18")!.Tag);
        Assert.Equal(Pretrained.Find("resnet18"), Pretrained.Resolve("resnet18", "default"));
        Assert.Equal("resnetv2_50x1_bit.goog_in21k_ft_in1k", Pretrained.Find("resnetv2_50x1_bitm")!.FullName);
        Assert.Null(Pretrained.Find("resnet18.nobody"));
        Assert.Null(Pretrained.Find("nothing"));
    }

    [Fact]
    public void What_timm_does_not_have_is_refused_with_what_it_has()
    {
        Assert.Contains("tv_in1k", Assert.Throws<RefusalException>(() => Pretrained.Resolve("resnet18", "gold")).Message, StringComparison.Ordinal);
        Assert.Contains("resnet34", Assert.Throws<RefusalException>(() => Pretrained.Resolve("resnet18", "resnet34.a1_in1k")).Message, StringComparison.Ordinal);
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

    /// <summary>timm itself wrote the fixtures: the default tag must say what they say.</summary>
    [Fact]
    public void The_default_tags_are_what_timm_answers()
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

    /// <summary>Two readings of timm's configurations: the families' own, and the table that <c>tests/reference/pretrained_tags.py</c> wrote.</summary>
    [Fact]
    public void An_architecture_prepares_images_as_its_default_weights_ask()
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
