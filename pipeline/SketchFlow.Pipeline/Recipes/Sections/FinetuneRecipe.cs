namespace SketchFlow.Pipeline.Recipes.Sections;

/// <summary>
/// Layer groups of a pretrained model that learn, by epoch. Layer groups are timm's: the stem is 0, then blocks or stages, the classifier is the last.
/// </summary>
/// <remarks>Frozen groups keep their weights and their batch norms' statistics.</remarks>
public sealed record FinetuneRecipe
{
    /// <summary>Number of first epochs in which only the classifier learns.</summary>
    public int HeadEpochs { get; init; }

    /// <summary>Number of epochs, after those, between two unfreezings of one more group, last to first; 0 unfreezes all groups together.</summary>
    public double UnfreezeEvery { get; init; }

    /// <summary>Number of groups, counted from the stem, that never learn.</summary>
    public int FrozenGroups { get; init; }

    /// <summary>Returns the first group that learns in an epoch; the groups below it are frozen.</summary>
    /// <param name="epoch">Epoch from 0.</param>
    /// <param name="groups">Number of groups of the model.</param>
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
