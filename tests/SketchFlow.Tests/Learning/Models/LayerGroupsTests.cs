using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using Xunit;

namespace SketchFlow.Tests.Learning.Models;

/// <summary>
/// Compares layer groups with timm's matchers (timm 1.0.29, <c>group_with_matcher(model.named_parameters(), model.group_matcher())</c>).
/// </summary>
public sealed class LayerGroupsTests
{
    [Theory]
    [InlineData("resnet18", "conv1.weight 0, bn1.weight 0, layer1.0.bn1.weight 1, layer4.1.conv2.weight 8, fc.weight 9")]
    [InlineData("resnetv2_50", "stem.conv.weight 0, stages.0.blocks.0.conv1.weight 1, stages.3.blocks.2.conv3.weight 16, norm.weight 16, head.fc.weight 17")]
    [InlineData("tresnet_m", "body.conv1.conv.weight 0, body.layer1.0.conv1.conv.weight 1, body.layer2.0.conv1.conv.weight 4, head.fc.weight 22")]
    [InlineData(
        "densenet121",
        "features.conv0.weight 0, features.norm0.weight 0, features.denseblock1.denselayer6.norm1.weight 6, features.transition1.conv.weight 6, "
        + "features.denseblock2.denselayer1.conv1.weight 7, features.denseblock4.denselayer16.conv2.weight 58, features.norm5.weight 59, classifier.weight 59")]
    [InlineData(
        "efficientnet_b0",
        "conv_stem.weight 0, bn1.weight 0, blocks.0.0.bn1.weight 1, blocks.1.0.conv_pw.weight 2, blocks.6.0.conv_pw.weight 16, conv_head.weight 16, "
        + "bn2.weight 16, "
        + "classifier.weight 17")]
    [InlineData(
        "inception_resnet_v2",
        "conv2d_1a.conv.weight 0, conv2d_2b.conv.weight 0, conv2d_3b.conv.weight 1, conv2d_4a.conv.weight 1, mixed_5b.branch0.conv.weight 2, "
        + "repeat.0.branch0.conv.weight 3, repeat.9.branch0.conv.weight 12, mixed_6a.branch0.conv.weight 13, repeat_1.0.branch0.conv.weight 14, "
        + "repeat_1.19.branch0.conv.weight 33, "
        + "mixed_7a.branch0.0.conv.weight 34, repeat_2.8.branch0.conv.weight 43, block8.branch0.conv.weight 44, conv2d_7b.conv.weight 44, classif.weight 45")]
    [InlineData(
        "rdnet_tiny",
        "stem.0.weight 0, dense_stages.0.0.dense_block0.gamma 1, dense_stages.1.1.weight 2, dense_stages.6.0.weight 7, head.norm.weight 8, head.fc.weight 8")]
    [InlineData("regnety_002", "stem.conv.weight 0, s1.b1.conv1.conv.weight 1, s4.b7.conv3.conv.weight 13, head.fc.weight 14")]
    [InlineData("regnetz_040_h", "s1.b1.conv1.conv.weight 1, final_conv.conv.weight 29, head.fc.weight 29")]
    [InlineData("regnetz_b16", "stages.0.0.conv1_1x1.conv.weight 1, stages.3.1.conv3_1x1.conv.weight 22, final_conv.conv.weight 22, head.fc.weight 23")]
    [InlineData(
        "convnext_atto",
        "stem.0.weight 0, stages.0.blocks.0.conv_dw.weight 1, stages.1.downsample.1.weight 3, stages.1.blocks.0.conv_dw.weight 3, stages.3.blocks.1.gamma 12, "
        + "head.norm.weight 13, head.fc.weight 13")]
    [InlineData("convnext_tiny_hnf", "stages.3.blocks.2.conv_dw.weight 18, norm_pre.weight 18, head.fc.weight 19")]
    [InlineData(
        "swin_tiny_patch4_window7_224",
        "patch_embed.proj.weight 0, layers.0.blocks.0.norm1.weight 1, layers.1.downsample.norm.weight 3, layers.1.blocks.0.norm1.weight 3, norm.weight 12, "
        + "head.fc.weight 13")]
    [InlineData("swinv2_cr_tiny_224", "stages.1.downsample.norm.weight 3, stages.3.blocks.1.norm1.weight 12, head.fc.weight 13")]
    [InlineData(
        "maxvit_tiny_tf_224",
        "stem.conv1.weight 0, stages.0.blocks.0.conv.pre_norm.weight 1, stages.3.blocks.1.conv.pre_norm.weight 4, head.fc.weight 5")]
    [InlineData("maxvit_rmlp_pico_rw_256", "stages.3.blocks.0.conv.pre_norm.weight 4, norm.weight 4, head.fc.weight 5")]
    [InlineData(
        "vit_tiny_patch16_224",
        "cls_token 0, pos_embed 0, patch_embed.proj.weight 0, blocks.0.norm1.weight 1, blocks.11.mlp.fc2.weight 12, norm.weight 12, head.weight 13")]
    [InlineData("vit_base_patch16_siglip_224", "norm.weight 12, attn_pool.latent 13, head.weight 13")]
    [InlineData(
        "vit_small_r26_s32_224",
        "patch_embed.backbone.stem.conv.weight 0, patch_embed.backbone.stages.3.blocks.1.conv3.weight 0, blocks.11.norm2.weight 12, norm.weight 12")]
    [InlineData("deit_tiny_distilled_patch16_224", "dist_token 0, norm.weight 12, head.weight 13, head_dist.weight 13")]
    [InlineData("samvit_base_patch16", "pos_embed 0, blocks.11.norm1.weight 12, neck.0.weight 13, head.fc.weight 13")]
    [InlineData("eva02_tiny_patch14_224", "pos_embed 0, blocks.11.norm1.weight 12, fc_norm.weight 13, head.weight 13")]
    [InlineData("naflexvit_base_patch16_gap", "embeds.pos_embed 0, embeds.reg_token 0, blocks.11.norm1.weight 12, fc_norm.weight 13, head.weight 13")]
    public void Layer_groups_are_those_of_timms_matchers(string model, string groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var tensors = Zoo.Build(model).Tensors.ToDictionary(t => t.Name, t => t.LayerGroup, StringComparer.Ordinal);
        Assert.Equal(groups.Split(", "), groups.Split(", ").Select(line => $"{line.Split(' ')[0]} {tensors.GetValueOrDefault(line.Split(' ')[0], -1)}"));
    }

    [Theory]
    [InlineData("vit_base_patch16_clip_224", "norm_pre.weight")]
    [InlineData("vit_small_patch16_rope_mixed_224", "rope.freqs")]
    [InlineData("vit_relpos_small_patch16_rpn_224", null)]
    public void Tensors_that_all_blocks_depend_on_belong_to_the_stem_so_that_freezing_the_blocks_saves_their_backward_pass(string model, string? tensor)
    {
        var architecture = Zoo.Build(model);
        var first = architecture.Tensors.Where(t => t.LayerGroup == 0).Select(t => t.Name).ToList();
        Assert.True(tensor is null || first.Contains(tensor), string.Join(", ", first));
        var last = architecture.Tensors.Max(t => t.LayerGroup);
        Assert.All(architecture.Tensors.Where(t => t.LayerGroup == last), t => Assert.Matches("^(head|fc_norm|attn_pool)", t.Name));
    }

    [Fact]
    public void Groups_are_numbered_in_order_for_any_order_of_the_names()
    {
        var groups = LayerGroups.Create("stem", (@"blocks\.(\d+)\.down", 0), (@"blocks\.(\d+)\.(\d+)", null), ("norm", LayerGroups.WithPrevious));
        string[] names =
            ["head.weight", "norm.weight", "blocks.10.0.weight", "blocks.2.1.weight", "blocks.2.0.weight", "blocks.2.down.weight", "stem.weight", "x.stem"];
        var assigned = groups.Assign([.. names.Select(name => new TensorSpec(name, [1], TensorRole.Parameter, Initializer.Zeros))]);
        Assert.Equal(names, assigned.Select(t => t.Name));
        Assert.Equal([4, 3, 3, 2, 1, 1, 0, 4], assigned.Select(t => t.LayerGroup));
    }
}
