using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Tests.Pipeline.Tracking.Mlflow;

public class MlflowServerTests
{
    [Theory(Timeout = 30_000)]
    [InlineData("Bearer secret", "MLFLOW_TRACKING_TOKEN=secret")]
    [InlineData("Basic bWU6cHc=", "MLFLOW_TRACKING_USERNAME=me", "MLFLOW_TRACKING_PASSWORD=pw")]
    public async Task It_authenticates_like_MLflows_client(string header, params string[] environment)
    {
        await Task.Yield();
        using var server = new FakeMlflow { Authorization = header };
        using var store = new MlflowServer(server.Address, name => environment.Select(e => e.Split('=', 2)).FirstOrDefault(e => e[0] == name)?[1]);
        Assert.Equal("1", store.FindOrCreateExperiment("e"));
        Assert.Equal("1", store.FindOrCreateExperiment("e"));
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_sent_in_the_spelling_of_Protobuf()
    {
        using var server = new FakeMlflow();
        using var store = new MlflowServer(server.Address, _ => null);
        var run = store.CreateRun(store.FindOrCreateExperiment("e"), "r", 1);
        double[] values = [1.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        store.LogMetrics("1", run, [.. values.Select(v => new MlflowMetric("k", v, 2, 3))]);
        Assert.Equal([.. values.Select(v => ("k", v, 3L))], server.Runs[run].Metrics);
    }
}
