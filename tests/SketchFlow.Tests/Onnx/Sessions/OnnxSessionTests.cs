using SketchFlow.Data.Outcomes;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;

namespace SketchFlow.Tests.Onnx.Sessions;

/// <summary>Sessions of graphs that are in no file.</summary>
public sealed class OnnxSessionTests
{
    [Fact]
    public void A_graph_runs_and_its_temporary_files_are_gone()
    {
        var before = Folders();
        var (session, bytes) = OnnxSession.Load(Negation("Neg"), new OnnxModelHeader());
        using (session)
        {
            Assert.Equal([-1F, 2F], session.Run("x", [1F, -2F], [2], "y"));
        }

        Assert.InRange(bytes, 50, 10_000);
        Assert.Empty(Folders().Except(before));
    }

    [Fact]
    public void A_graph_that_ONNX_Runtime_refuses_leaves_no_files()
    {
        var before = Folders();
        Assert.Throws<RefusalException>(() => OnnxSession.Load(Negation("NoSuchOperator"), new OnnxModelHeader()));
        Assert.Empty(Folders().Except(before));
    }

    // Other tests of this process may have sessions too; theirs are as short-lived, so that a folder counts only if it stays.
    private static string[] Folders()
    {
        string[] Now() => Directory.GetDirectories(Path.GetTempPath(), $"sketchflow-onnx-*.{Environment.ProcessId}-*.tmp");
        var found = Now();
        for (var wait = 0; wait < 100 && found.Length > 0; wait++)
        {
            Thread.Sleep(50);
            found = [.. found.Intersect(Now())];
        }

        return found;
    }

    private static OnnxGraph Negation(string operation)
    {
        var graph = new OnnxGraph("negation");
        graph.AddNode(operation, [graph.AddInput("x", OnnxType.Float32, -1)], output: "y");
        graph.AddOutput("y", OnnxType.Float32, -1);
        return graph;
    }
}
