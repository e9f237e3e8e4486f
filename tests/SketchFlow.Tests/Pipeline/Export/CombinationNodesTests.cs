using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Onnx.Graphs;
using SketchFlow.Onnx.Sessions;
using SketchFlow.Pipeline.Export;
using SketchFlow.Pipeline.Export.Models;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Tests.Pipeline.Export;

/// <summary>Combinations of models, run by ONNX Runtime.</summary>
public class CombinationNodesTests
{
    private const int Rows = 5;

    [Property(MaxTest = 60)]
    public void Every_rule_gives_the_probabilities_of_the_trained_ensemble(int seed, PositiveInt memberCount, PositiveInt classCount, bool equal)
    {
        var random = new Random(seed);
        var (members, classes) = (1 + (memberCount.Get % 4), 1 + (classCount.Get % 9));
        // Multiples of a quarter, so that logits tie as they do in coarse models.
        float[][] logits = [.. Enumerable.Range(0, members).Select(_ => Enumerable.Range(0, Rows * classes).Select(_ => random.Next(-12, 13) / 4f).ToArray())];
        foreach (var rule in Enum.GetValues<CombineRule>())
        {
            foreach (var form in rule == CombineRule.Stacked ? new[] { StackForm.Full, StackForm.OwnClass } : [StackForm.Full])
            {
                var combination = Combination(rule, form, members, classes, random, equal);
                var expected = combination.Apply(Tables(logits, classes));
                var found = Run(combination, logits, classes);
                var tolerance = rule == CombineRule.Hard ? 2 * CombinationNodes.TieBreak : 0;
                Assert.All(expected.Probabilities.Zip(found), p => Assert.InRange(Math.Abs(p.First - p.Second), 0, 3e-6 + tolerance));
            }
        }
    }

    [Fact]
    public void The_likelier_class_wins_a_tied_hard_vote()
    {
        float[][] logits = [[3, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 5, 0, 0, 0, 0, 0, 0, 0, 0]];
        var combination = new Combination { Rule = CombineRule.Hard, Temperatures = [1, 1], Weights = [1, 1] };
        var found = Run(combination, logits, classes: 2);
        Assert.Equal(1, combination.Apply(Tables(logits, 2)).Predictions[0]);
        Assert.True(found[1] > found[0], $"{found[0]} and {found[1]}");
    }

    private static Combination Combination(CombineRule rule, StackForm form, int members, int classes, Random random, bool equal)
    {
        var weights = new double[members, classes];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i / classes, i % classes] = random.Next(1, 5);
        }

        var width = (form == StackForm.Full ? members * classes : members) + 1;
        return new Combination
        {
            Rule = rule,
            Temperatures = [.. Enumerable.Range(0, members).Select(_ => random.Next(1, 9) / 4.0)],
            Weights = [.. Enumerable.Range(0, members).Select(_ => equal ? 1.0 : random.Next(1, 9))],
            ClassWeights = weights,
            Stack = new StackedModel(form, members, classes, 1, [.. Enumerable.Range(0, classes * width).Select(_ => random.NextDouble() - 0.5)]),
        };
    }

    private static LogitsSet Tables(float[][] logits, int classes)
    {
        var rows = logits[0].Length / classes;
        long[] ids = [.. Enumerable.Range(0, rows)];
        string[] paths = [.. Enumerable.Repeat("", rows)];
        var metadata = new LogitsMetadata
        {
            Model = "",
            Run = "",
            ClassNames = [.. Enumerable.Range(0, classes).Select(c => $"class {c}")],
            Dataset = "",
            Split = "",
        };
        string[] statuses = [.. Enumerable.Repeat(LogitsTable.Ok, rows)];
        return new LogitsSet(
            [.. logits.Select((own, m) => new LogitsTable($"m{m}", metadata, ids, paths, new int?[rows], statuses, own))], ids, paths, new int?[rows]);
    }

    private static float[] Run(Combination combination, float[][] logits, int classes)
    {
        var graph = new OnnxGraph("combination");
        string[] names = [.. logits.Select((_, m) => graph.AddInput($"logits_{m}", OnnxType.Float32, -1, classes))];
        graph.AddNode("Identity", [new CombinationNodes(graph, combination, classes, opset: 17).Add(names)], output: "probabilities");
        graph.AddOutput("probabilities", OnnxType.Float32, -1, classes);
        using var stream = new MemoryStream();
        graph.Write(stream, new OnnxModelHeader());
        using var session = new OnnxSession(stream.ToArray(), threads: 1);
        return session.Run([.. names.Zip(logits, (name, own) => OnnxTensor.Of(name, own, [own.Length / classes, classes]))], ["probabilities"])[0];
    }
}
