using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Models.Layers;
using SketchFlow.Learning.Parity;
using SketchFlow.Learning.Weights;
using SketchFlow.Tests.Learning.Models.Catalog;
using TorchSharp;
using static SketchFlow.Learning.Native.KeptScalars;

namespace SketchFlow.Tests.Learning.Models.Graphs;

/// <summary>Places of the tokens of attention in the image.</summary>
public class TokenLayoutTests
{
    [Theory]
    [InlineData(8, 4, 0)]
    [InlineData(8, 4, 2)]
    [InlineData(7, 4, 0)]
    [InlineData(7, 4, 3)]
    [InlineData(5, 5, 0)]
    public void Windows_have_the_cells_that_they_take_from_the_image(int side, int size, int shift)
    {
        using var scope = torch.NewDisposeScope();
        // Padding is 0, so that cells are numbered from 1.
        var image = torch.arange(Keep(1), Keep((side * side) + 1), Keep(1), torch.float32).reshape(1, side, side, 1);
        float[] taken = [];
        var pass = new ForwardContext([]);
        var back = Nn.Windowed((_, windows) => Take(windows, ref taken), side, size, shift)(pass, new Value(image));
        Assert.True(image.Same(back.Tensor));
        Assert.Equal(taken, CellsFrom1(new TokenLayout(0, side, side) { Partition = new(size) { Shift = shift } }));
    }

    [Fact]
    public void Grids_have_the_cells_that_they_take_from_the_image()
    {
        using var scope = torch.NewDisposeScope();
        float[] taken = [];
        Take(Nn.ToGrid(new Value(torch.arange(Keep(1), Keep(37), Keep(1), torch.float32).reshape(1, 6, 6, 1)), 3), ref taken);
        Assert.Equal(taken, CellsFrom1(new TokenLayout(0, 6, 6) { Partition = new(3) { IsSpread = true } }));
    }

    /// <summary>
    /// In the first attention, each key depends on one cell of the image. When it changes, the products of other queries with this key alone change, which
    /// are the logarithms of probabilities except for a constant per query.
    /// </summary>
    [Theory]
    [InlineData("vit_tiny_patch16_224", 64)]
    [InlineData("vit_small_patch14_reg4_dinov2", 56)]
    [InlineData("deit_tiny_distilled_patch16_224", 64)]
    [InlineData("eva02_tiny_patch14_224", 56)]
    [InlineData("tiny naflexvit", 32)]
    [InlineData("tiny samvit", 32)]
    [InlineData("swin_tiny_patch4_window7_224", 64)]
    public void Changing_one_cell_of_the_image_changes_the_key_that_the_layout_names(string name, int size)
    {
        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        var architecture = ZooTests.Build(name, new() { Classes = 7, InputSize = size });
        using var weights = ModelWeights.Fresh(architecture, 1);
        foreach (var (spec, tensor) in architecture.Tensors.Zip(weights.Tensors))
        {
            ParityCheck.Fill(tensor, spec, gain: 1);
        }

        using var graph = architecture.Record();
        var tokens = graph.Layers.First(layer => layer.Kind == LayerKind.Attention).Tokens!;
        var (pixels, cells) = (size / tokens.Width, tokens.Cells());
        var before = torch.randn([1, size, size, 3], generator: new torch.Generator(5)).permute(0, 3, 1, 2).contiguous();
        var plain = FirstAttention(before).log();
        foreach (var cell in new[] { 0, 1, tokens.Width, (tokens.Width * 2) + 1, (tokens.Width * tokens.Height) - 1 })
        {
            var after = before.clone();
            after.narrow(2, cell / tokens.Width * pixels, pixels).narrow(3, cell % tokens.Width * pixels, pixels).mul_(Keep(-1));
            var place = cells.IndexOf(cell);
            var (group, key) = (place / tokens.Count, place % tokens.Count);
            var largest = LargestChanges((FirstAttention(after).log() - plain)[group], key);
            Assert.Equal(key, Array.IndexOf(largest, largest.Max()));
            Assert.True(largest[key] > 1e-4F, $"{name}: {largest[key]}");
            Assert.All(largest.Where((_, k) => k != key), rest => Assert.InRange(rest, 0, largest[key] / 20));
            Assert.Single(cells, cell);
        }

        torch.Tensor FirstAttention(torch.Tensor images)
        {
            var seen = new List<torch.Tensor>();
            architecture.Forward(new ForwardContext(weights.Tensors) { AttentionTap = (_, probabilities) => seen.Add(probabilities) }, images.clone());
            var first = seen[0].clone();
            seen.ForEach(probabilities => probabilities.Dispose());
            return first;
        }
    }

    // The largest change of each key over heads and queries, except the query of the cell itself. A query's median change is its constant.
    private static float[] LargestChanges(torch.Tensor changes, int cell)
    {
        var count = (int)changes.shape[2];
        var largest = new float[count];
        foreach (var (row, query) in changes.contiguous().data<float>().ToArray().Chunk(count).Select((row, i) => (row, i % (int)changes.shape[1])))
        {
            var constant = row.Order().ElementAt(count / 2);
            for (var key = 0; key < count && query != cell; key++)
            {
                largest[key] = Math.Max(largest[key], Math.Abs(row[key] - constant));
            }
        }

        return largest;
    }

    private static Value Take(Value tokens, ref float[] taken)
    {
        taken = tokens.Tensor.contiguous().data<float>().ToArray();
        return tokens;
    }

    private static float[] CellsFrom1(TokenLayout layout) => [.. layout.Cells().Select(cell => cell + 1F)];
}
