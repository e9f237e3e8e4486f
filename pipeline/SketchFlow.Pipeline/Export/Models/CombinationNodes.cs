using SketchFlow.Onnx.Graphs;
using SketchFlow.Scoring.Ensembling.Combining;
using SketchFlow.Scoring.Ensembling.Fitting;

namespace SketchFlow.Pipeline.Export.Models;

/// <summary>Adds the calibrated combination of several models to a graph, as <see cref="Combination.Apply"/> computes it.</summary>
/// <param name="graph">Receives the nodes.</param>
/// <param name="combination">Temperatures, weights and rule; all weights are above 0.</param>
/// <param name="classes">Number of classes.</param>
/// <param name="opset">Version of the operators.</param>
internal sealed class CombinationNodes(OnnxGraph graph, Combination combination, int classes, int opset)
{
    /// <summary>Share of the soft vote in the probabilities of a hard vote: it decides between classes with the same number of votes.</summary>
    public const double TieBreak = 1e-6;

    // ReduceSum takes its dimensions as an input since opset 13, five versions before the other reductions.
    private const int SinceInputs = 18;

    /// <summary>Adds the combination.</summary>
    /// <param name="logits">Names of the members' logits (N, classes).</param>
    /// <returns>Name of the probabilities (N, classes).</returns>
    public string Add(IReadOnlyList<string> logits)
    {
        string[] calibrated = [.. logits.Zip(combination.Temperatures, (name, t) => t == 1 ? name : Node("Div", name, graph.AddNumber(t)))];
        var total = combination.Weights.Sum();
        double[] shares = [.. combination.Weights.Select(w => w / total)];
        return combination.Rule switch
        {
            CombineRule.Soft => Soft(calibrated, shares),
            CombineRule.Logits => Softmax(Weighted(calibrated, shares)),
            CombineRule.Rank => Weighted(calibrated.Select(Ranks), shares),
            CombineRule.Hard => Weighted([Weighted(calibrated.Select(Vote), shares), Soft(calibrated, shares)], [1 - TieBreak, TieBreak]),
            CombineRule.PerClass => PerClass(calibrated, combination.ClassWeights!),
            _ => Softmax(Stacked(calibrated, combination.Stack!)),
        };
    }

    private string Soft(IEnumerable<string> logits, double[] shares) => Weighted(logits.Select(Softmax), shares);

    private string PerClass(string[] logits, double[,] weights)
    {
        var sum = Sum(logits.Select((name, m) =>
        {
            float[] own = [.. Enumerable.Range(0, classes).Select(c => (float)weights[m, c])];
            return Node("Mul", Softmax(name), graph.AddTensor("class_weights", own, 1, classes));
        }));
        var total = graph.AddReduction("ReduceSum", sum, [-1], keeps: true, SinceInputs);
        var zero = Node("Equal", total, graph.AddNumber(0));
        // A row whose probable classes all have weight 0 becomes uniform.
        return Node("Where", zero, graph.AddNumber(1.0 / classes), Node("Div", sum, Node("Max", total, graph.AddNumber(float.Epsilon))));
    }

    private string Stacked(string[] logits, StackedModel stack)
    {
        string[] inputs = [.. logits.Select(name => Node("Sub", name, graph.AddReduction("ReduceMean", name, [-1], keeps: true, opset)))];
        var mean = Node("Mul", Sum(inputs), graph.AddNumber(1.0 / inputs.Length));
        var width = stack.Coefficients.Length / classes;
        double[][] rows = [.. Enumerable.Range(0, classes).Select(c => stack.Coefficients.AsSpan(c * width, width).ToArray())];
        var constants = graph.AddTensor("stack_constants", [.. rows.Select(r => (float)r[^1])], 1, classes);
        if (stack.Form == StackForm.OwnClass)
        {
            var own = inputs.Select((x, m) => Node("Mul", x, graph.AddTensor("stack", [.. rows.Select(r => (float)r[m])], 1, classes)));
            return Node("Add", Node("Add", mean, Sum(own)), constants);
        }

        float[] matrix = [.. rows.SelectMany(r => r[..^1]).Select(x => (float)x)];
        var all = inputs is [var only] ? only : graph.AddNode("Concat", inputs, [("axis", -1L)]);
        var product = graph.AddNode("Gemm", [all, graph.AddTensor("stack", matrix, classes, width - 1), constants], [("transB", 1L)]);
        return Node("Add", mean, product);
    }

    // The rank of a logit is the number of smaller ones plus half the number of other equal ones, which is the mean rank of equal ones.
    private string Ranks(string logits)
    {
        if (classes == 1)
        {
            return Softmax(logits);
        }

        var (own, others) = (graph.AddNode("Unsqueeze", [logits, graph.AddVector(2)]), graph.AddNode("Unsqueeze", [logits, graph.AddVector(1)]));
        var points = Node("Add", Float(Node("Greater", own, others)), Node("Mul", Float(Node("Equal", own, others)), graph.AddNumber(0.5)));
        var rank = Node("Sub", graph.AddReduction("ReduceSum", points, [2], keeps: false, SinceInputs), graph.AddNumber(0.5));
        return Node("Mul", rank, graph.AddNumber(2.0 / ((double)classes * (classes - 1))));
    }

    private string Vote(string logits)
    {
        var best = graph.AddNode("ArgMax", [logits], [("axis", -1L), ("keepdims", 0L)]);
        return graph.AddNode("OneHot", [best, graph.AddVector(classes), graph.AddTensor("off_on", [0, 1], 2)], [("axis", -1L)]);
    }

    private string Weighted(IEnumerable<string> values, double[] shares) => shares switch
    {
        [_] => values.First(),
        _ when shares.Distinct().Count() == 1 => Node("Mul", Sum(values), graph.AddNumber(shares[0])),
        _ => Sum(values.Zip(shares, (value, share) => Node("Mul", value, graph.AddNumber(share)))),
    };

    private string Sum(IEnumerable<string> values) => graph.AddNode("Sum", values);

    private string Softmax(string logits) => graph.AddNode("Softmax", [logits], [("axis", -1L)]);

    private string Float(string value) => graph.AddNode("Cast", [value], [("to", (long)OnnxType.Float32)]);

    private string Node(string operation, params string[] inputs) => graph.AddNode(operation, inputs);
}
