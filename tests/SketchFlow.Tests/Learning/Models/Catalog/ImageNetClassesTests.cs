using SketchFlow.Learning.Models.Catalog;

namespace SketchFlow.Tests.Learning.Models.Catalog;

/// <summary>The names of ImageNet's classes.</summary>
public class ImageNetClassesTests
{
    [Theory]
    [InlineData(0, "n01440764", "tench, Tinca tinca")]
    [InlineData(207, "n02099601", "golden retriever")]
    [InlineData(281, "n02123045", "tabby, tabby cat")]
    [InlineData(339, "n02389026", "sorrel")]
    [InlineData(386, "n02504458", "African elephant, Loxodonta africana")]
    [InlineData(402, "n02676566", "acoustic guitar")]
    [InlineData(999, "n15075141", "toilet tissue, toilet paper, bathroom tissue")]
    public void The_thousand_classes_have_their_known_numbers(int number, string synset, string words) =>
        Assert.Equal(new ImageNetClass(synset, words), ImageNetClasses.For(1000)[number]);

    [Fact]
    public void Every_list_is_whole_and_every_count_of_timms_weights_is_known()
    {
        Assert.Equal([1000, 11221, 11821, 21841, 21842, 21843], ImageNetClasses.Counts);
        Assert.All(ImageNetClasses.Counts, count =>
        {
            var classes = ImageNetClasses.For(count);
            Assert.Equal(count, classes.Length);
            Assert.DoesNotContain(null, classes);
            Assert.Equal(count, classes.Select(c => c.Synset).Distinct(StringComparer.Ordinal).Count());
            Assert.All(classes, c => Assert.True(c.Words.Length > 0 && c.Synset.Length == 9, c.ToString()));
        });
        // Other heads of timm's weights are embeddings of CLIP, or nothing.
        Assert.Empty(Pretrained.All.Select(t => t.Classes).Where(c => c > 1280).Except(ImageNetClasses.Counts));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(512)]
    [InlineData(-1)]
    public void No_other_number_of_classes_has_names(int count) => Assert.Empty(ImageNetClasses.For(count));

    [Fact]
    public void The_first_thousand_of_Microsofts_list_are_those_of_ImageNet_1k() =>
        Assert.Equal(ImageNetClasses.For(1000), ImageNetClasses.For(21842).Take(1000));
}
