using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Tracking;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Tracking;

public class TrackersTests
{
    [Fact]
    public void Trackers_are_selected_by_option_or_environment_and_any_other_name_is_refused()
    {
        using var folder = new TemporaryFolder();
        string? Uri(string name) => name == Trackers.Variable ? $"mlflow:{folder.Root}" : null;
        Assert.Equal($"mlflow:{folder.Root}", Assert.Single(Trackers.Stores([], Uri)).Location);
        Assert.Equal("http://host:5000", Assert.Single(Trackers.Stores(["http://host:5000/"], Uri)).Location);
        Assert.Equal($"mlflow:{folder.Root}", Assert.Single(Trackers.Stores([$"file://{folder.Root}"], _ => null)).Location);
        Assert.Empty(Trackers.Stores(["none"], Uri));
        Assert.Empty(Trackers.Stores([], _ => null));
        Assert.Contains("mlflow:DIR", Assert.Throws<UsageException>(() => Trackers.Stores(["wandb"], Uri)).Message, StringComparison.Ordinal);
        Assert.Throws<RefusalException>(() => Trackers.Stores([$"mlflow:{Path.Combine(folder.With("f", "").Root, "f")}"], Uri));
    }
}
