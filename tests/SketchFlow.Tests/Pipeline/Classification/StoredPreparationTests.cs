using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Imaging.Resizing;
using SketchFlow.Learning.Models;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;
using SketchFlow.Pipeline.Recipes.Sections;

namespace SketchFlow.Tests.Pipeline.Classification;

/// <summary>The line of preprocessing that weights carry is enough to prepare images.</summary>
public class StoredPreparationTests
{
    [Fact]
    public void What_is_read_from_the_line_prints_the_same_line() => Prop.ForAll(
        (from side in Gen.Choose(1, 12)
         from fit in Gen.Elements(Enum.GetValues<ResizeMode>())
         from interpolation in Gen.Elements(Enum.GetValues<Interpolation>())
         from crop in Gen.Choose(1, 100)
         from mean in Gen.Choose(1, 1000)
         from squash in Gen.Elements(false, true)
         select (side, fit, interpolation, crop, mean, squash)).ToArbitrary(),
        given =>
        {
            var (side, fit, interpolation, crop, mean, squash) = given;
            var recipe = new Recipe
            {
                ImageSize = side * 32,
                Preparation = new PreparationRecipe
                {
                    Fit = fit,
                    Interpolation = interpolation,
                    CropPercent = crop / 100.0,
                    Mean = [mean / 1000.0, 0.456, 0.1 / 3],
                    Std = [1 / (double)mean, 0.224, 1e-7],
                },
            };
            var architecture = RecipeModel.Build(recipe, 3);
            architecture = architecture with { Preprocessing = architecture.Preprocessing with { CropMode = squash ? "squash" : "center" } };
            var line = ImageFlow.DescribePreprocessing(recipe, architecture);
            var read = StoredPreparation.Read(line, new Recipe(), Preprocessing.ImageNet);
            Assert.NotNull(read);
            var again = RecipeModel.Build(read.Value.Recipe, 3) with { Preprocessing = read.Value.Preprocessing };
            Assert.Equal(line, ImageFlow.DescribePreprocessing(read.Value.Recipe, again));
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("")]
    [InlineData("letterbox(64)")]
    [InlineData("letterbox(99999, fill=255), mean 1 1 1, std 1 1 1")]
    [InlineData("letterbox(64, fill=255), mean 1 1, std 1 1 1")]
    [InlineData("centre-crop(64, crop_pct=7), mean 1 1 1, std 1 1 1")]
    [InlineData("letterbox(64, fill=255), mean 1 1 1, std 1 1 E")]
    public void Another_line_is_not_read(string line) => Assert.Null(StoredPreparation.Read(line, new Recipe(), Preprocessing.ImageNet));
}
