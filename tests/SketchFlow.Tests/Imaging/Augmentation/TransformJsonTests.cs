using SketchFlow.Data.Outcomes;
using SketchFlow.Imaging.Augmentation;

namespace SketchFlow.Tests.Imaging.Augmentation;

/// <summary>Transforms in recipes.</summary>
public sealed class TransformJsonTests
{
    [Theory]
    [InlineData("[{\"rotat\": {}}]", "rotat", "rotate")]
    [InlineData("[{\"rotate\": {\"angle\": 3}}]", "angle", "limit, fill, p")]
    [InlineData("[{\"rotate\": {\"p\": 3}}]", "p is 3", "0 to 1")]
    [InlineData("[{\"rotate\": {\"limit\": \"far\"}}]", "rotate", "limit")]
    [InlineData("[{\"rotate\": {\"p\": 0.1, \"p\": 0.9}}]", "\"p\"", "twice")]
    [InlineData("[{\"rotate\": {\"limit\": {\"a\": 1, \"a\": 2}}}]", "\"a\"", "twice")]
    [InlineData("[3]", "3", "name")]
    [InlineData("{", "list", "rotate")]
    public void An_invalid_recipe_is_rejected_by_name(string json, string found, string expected)
    {
        var refusal = Assert.Throws<RefusalException>(() => TransformJson.ReadList(json));
        Assert.Contains(found, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }
}
