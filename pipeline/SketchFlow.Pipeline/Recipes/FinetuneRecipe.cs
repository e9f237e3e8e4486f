namespace SketchFlow.Pipeline.Recipes;

/// <summary>What of a pretrained model learns, and when. Layer groups are timm's: the stem is 0, then blocks or stages, the classifier is the last.</summary>
/// <remarks>Frozen groups keep their weights and their batch norms' statistics.</remarks>
public sealed record FinetuneRecipe
{
    /// <summary>Epochs at the beginning in which only the classifier learns.</summary>
    public int HeadEpochs { get; init; }

    /// <summary>After those, epochs between two unfreezings of one more group, from the last to the first; 0 unfreezes all at once.</summary>
    public double UnfreezeEvery { get; init; }

    /// <summary>Groups from the stem on that never learn.</summary>
    public int FrozenGroups { get; init; }

    /// <summary>The groups below the result do not learn in an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="groups">Groups of the model.</param>
    public int FrozenBelow(int epoch, int groups)
    {
        var least = Math.Min(FrozenGroups, groups - 1);
        if (epoch < HeadEpochs)
        {
            return groups - 1;
        }

        if (UnfreezeEvery <= 0)
        {
            return least;
        }

        var opened = 1 + (int)Math.Floor((epoch - HeadEpochs) / UnfreezeEvery);
        return Math.Max(least, groups - 1 - opened);
    }
}
