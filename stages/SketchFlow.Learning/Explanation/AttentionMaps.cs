using System.Collections.Immutable;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Graphs;
using SketchFlow.Learning.Native;
using SketchFlow.Learning.Weights;
using TorchSharp;

namespace SketchFlow.Learning.Explanation;

/// <summary>Maps of attention, followed from the tokens that the head reads back through all self-attentions to the cells of the image.</summary>
/// <remarks>
/// Rollout (Abnar and Zuidema 2020) multiplies 0.5 A + 0.5 I of all layers; the gradient-weighted form (Chefer et al. 2021, equations 5 and 6) multiplies
/// I + mean of max(0, gradient × A) over heads. Only the row of the tokens that the head reads is needed, so that a vector is multiplied instead of
/// matrices. Between grids of different sizes, the relevance of a cell is divided among its cells in the finer grid.
/// </remarks>
internal sealed class AttentionMaps
{
    private readonly FlatModel _model;
    private readonly ImmutableArray<int> _read;
    private readonly ImmutableArray<(string Name, TokenLayout Tokens)> _layers;
    private readonly (string Name, TokenLayout Tokens)? _pool;

    private AttentionMaps(
        FlatModel model, ImmutableArray<int> read, ImmutableArray<(string Name, TokenLayout Tokens)> layers, (string Name, TokenLayout Tokens)? pool) =>
        (_model, _read, _layers, _pool) = (model, read, layers, pool);

    /// <summary>Finds the attentions of a network in its recorded pass of one image; null if it has none over the places of the image.</summary>
    public static AttentionMaps? Find(FlatModel model, Graph graph)
    {
        var all = graph.Layers.Where(layer => layer is { Kind: LayerKind.Attention, Tokens: not null }).ToList();
        var layers = all.Where(layer => layer.Output.Index <= graph.Features.Index && IsOfItself(layer)).Select(layer => (layer.Name, layer.Tokens!));
        var pool = all.Where(layer => layer.Output.Index > graph.Features.Index).Select(layer => ((string, TokenLayout)?)(layer.Name, layer.Tokens!));
        var found = new AttentionMaps(model, new CellDependence(graph).Tokens, [.. layers], pool.LastOrDefault());
        return found._layers.IsEmpty && found._pool is null ? null : found;
    }

    /// <summary>Computes a map.</summary>
    /// <param name="image">(1, 3, H, W), normalised.</param>
    /// <param name="score">Computes the score from logits (1, classes), whose gradients weight the attention; null follows the attention alone.</param>
    /// <returns>Relevance of the cells of the finest grid.</returns>
    public (TokenLayout Grid, float[] Cells) Compute(torch.Tensor image, Func<torch.Tensor, torch.Tensor>? score)
    {
        var matrices = Attend(image, score);
        var (relevance, grid) = Start(matrices);
        foreach (var (name, tokens) in _layers.Reverse())
        {
            (relevance, grid) = (Refine(relevance, grid, tokens), tokens);
            var passed = Multiply(relevance, tokens, matrices[name]);
            for (var i = 0; i < relevance.Length; i++)
            {
                relevance[i] = score is null ? (relevance[i] + passed[i]) / 2 : relevance[i] + passed[i];
            }
        }

        return (grid, relevance[grid.Prefix..]);
    }

    // Where a query has no token of its own (pooling, global context), the probabilities mix nothing back.
    private static bool IsOfItself(GraphLayer layer) =>
        layer.Product is { Operation: Operation.Attention } product && product.Inputs[0].Shape[2] == layer.Tokens!.Count;

    private Dictionary<string, float[]> Attend(torch.Tensor image, Func<torch.Tensor, torch.Tensor>? score)
    {
        HashSet<string> wanted = [.. _layers.Select(layer => layer.Name)];
        if (_pool is { } pool)
        {
            wanted.Add(pool.Name);
        }

        var seen = new Dictionary<string, torch.Tensor>(StringComparer.Ordinal);
        var pass = new ForwardContext(_model.Weights)
        {
            AttentionTap = (name, probabilities) =>
            {
                if (!wanted.Contains(name))
                {
                    probabilities.Dispose();
                    return;
                }

                seen.Add(name, probabilities);
            },
        };
        try
        {
            using var mode = torch.set_grad_enabled(score is not null);
            var logits = _model.Architecture.Forward(pass, image.clone().requires_grad_(score is not null));
            var names = seen.Keys.ToList();
            var gradients = score is null ? null : torch.autograd.grad([score(logits)], [.. names.Select(name => seen[name])]);
            using var quiet = torch.no_grad();
            var result = new Dictionary<string, float[]>(StringComparer.Ordinal);
            for (var i = 0; i < names.Count; i++)
            {
                var weighted = gradients is null ? seen[names[i]] : (seen[names[i]] * gradients[i]).relu();
                result.Add(names[i], TensorValues.ToArray(weighted.mean([1])));
            }

            return result;
        }
        finally
        {
            seen.Values.ToList().ForEach(probabilities => probabilities.Dispose());
        }
    }

    // The tokens that the head reads, each with the same share: of a pooling attention, the keys by their probabilities.
    private (float[] Relevance, TokenLayout Grid) Start(Dictionary<string, float[]> matrices)
    {
        if (_pool is { } pool)
        {
            return (matrices[pool.Name][..pool.Tokens.Count], pool.Tokens);
        }

        var grid = _layers[^1].Tokens with { Partition = null };
        var relevance = new float[grid.Count];
        ImmutableArray<int> read = _read.IsEmpty ? [.. Enumerable.Range(grid.Prefix, grid.Height * grid.Width)] : _read;
        foreach (var token in read)
        {
            relevance[token] = 1F / read.Length;
        }

        return (relevance, grid);
    }

    // A vector over prefix and cells times the matrix of each group.
    private static float[] Multiply(float[] relevance, TokenLayout tokens, float[] matrices)
    {
        var (cells, count) = (tokens.Cells(), tokens.Count);
        var result = new float[relevance.Length];
        for (var query = 0; query < cells.Length; query++)
        {
            if (PlaceOf(query) is not { } from || relevance[from] == 0)
            {
                continue;
            }

            var group = query / count * count;
            for (var key = 0; key < count; key++)
            {
                if (PlaceOf(group + key) is { } to)
                {
                    result[to] += relevance[from] * matrices[((long)query * count) + key];
                }
            }
        }

        return result;

        // Null for the padding of a window.
        int? PlaceOf(int token) => cells[token] >= 0 ? tokens.Prefix + cells[token] : token % count < tokens.Prefix ? token % count : null;
    }

    private static float[] Refine(float[] relevance, TokenLayout from, TokenLayout to)
    {
        if ((from.Prefix, from.Height, from.Width) == (to.Prefix, to.Height, to.Width))
        {
            return relevance;
        }

        // The mean of all cells, or a token that the earlier layer does not have, belongs to every cell.
        var result = new float[to.Prefix + (to.Height * to.Width)];
        Array.Copy(relevance, result, Math.Min(from.Prefix, to.Prefix));
        var everywhere = relevance[Math.Min(from.Prefix, to.Prefix)..from.Prefix].Sum() / (to.Height * to.Width);
        var share = (float)(from.Height * from.Width) / (to.Height * to.Width);
        for (var y = 0; y < to.Height; y++)
        {
            for (var x = 0; x < to.Width; x++)
            {
                var cell = (y * from.Height / to.Height * from.Width) + (x * from.Width / to.Width);
                result[to.Prefix + (y * to.Width) + x] = (relevance[from.Prefix + cell] * share) + everywhere;
            }
        }

        return result;
    }
}
