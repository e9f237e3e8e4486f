using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Tests.Pipeline.Tracking.Mlflow;

public class MlflowSyncStateTests
{
    [Fact]
    public void The_file_keeps_its_keys_and_is_read_back_for_the_same_store_only()
    {
        using var run = new FakeRun();
        var state = new MlflowSyncState("http://host:5000", "1", "run1", true, 3, MlflowStatus.Killed).Save(run.Folder);
        var path = MlflowSyncState.PathOf(run.Folder, state.Location);
        Assert.Equal("tracked-80109c13.json", Path.GetFileName(path));
        Assert.Equal(
            """{"where":"http://host:5000","experiment":"1","run":"run1","described":true,"epochs":3,"status":5}""",
            string.Concat(File.ReadAllText(path).Where(c => !char.IsWhiteSpace(c))));
        Assert.Equal(state, MlflowSyncState.Read(run.Folder, state.Location));
        Assert.Null(MlflowSyncState.Read(run.Folder, "http://host:5001"));
    }

    [Theory]
    [InlineData("""{"where": "a", "run": """)]
    [InlineData("""{"where": "a", "run": "r", "described": true, "epochs": 1, "status": 1}""")]
    [InlineData("""{"where": "a", "experiment": "e", "run": "r", "described": true, "epochs": -1, "status": 1}""")]
    [InlineData("""{"where": "a", "experiment": "e", "run": "r", "described": true, "epochs": 1, "status": 77}""")]
    public void A_damaged_file_counts_as_missing(string text)
    {
        using var run = new FakeRun();
        File.WriteAllText(MlflowSyncState.PathOf(run.Folder, "a"), text);
        Assert.Null(MlflowSyncState.Read(run.Folder, "a"));
    }
}
