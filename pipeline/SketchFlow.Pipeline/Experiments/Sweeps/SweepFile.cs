using System.Collections.Immutable;
using System.Text.Json.Nodes;
using SketchFlow.Data.Messages;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Pipeline.Experiments.Sweeps;

/// <summary>Reads sweep files in W&amp;B's format (docs.wandb.ai/guides/sweeps/sweep-config-keys).</summary>
public static class SweepFile
{
    private static readonly string[] _keys = ["method", "metric", "parameters", "early_terminate", "run_cap", "name", "description"];

    // W&B uses these to launch programs on its servers.
    private static readonly string[] _ignoredKeys = ["program", "command", "project", "entity", "controller", "image", "job", "imageuri", "method_args"];

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <exception cref="RefusalException">The file does not exist or is not YAML.</exception>
    /// <exception cref="UsageException">A key is unknown, or a value does not fit.</exception>
    public static SweepPlan Read(string file) => File.Exists(file)
        ? From(YamlJson.ReadFile(file), Path.GetFileName(file))
        : throw new RefusalException($"There is no sweep file {file}.");

    /// <summary>Reads a text.</summary>
    /// <param name="yaml">The text.</param>
    /// <param name="where">Name of the file for messages.</param>
    /// <exception cref="RefusalException">The text is not YAML.</exception>
    /// <exception cref="UsageException">A key is unknown, or a value does not fit.</exception>
    public static SweepPlan Parse(string yaml, string where) => From(YamlJson.Read(yaml, where), where);

    private static SweepPlan From(JsonNode? tree, string where)
    {
        var root = YamlMap.From(tree) as YamlMap
            ?? throw new RefusalException($"{where} is not a sweep; expected a mapping with method, metric and parameters.");
        if (root.Keys.FirstOrDefault(k => !_keys.Contains(k) && !_ignoredKeys.Contains(k)) is { } unknown)
        {
            throw new UsageException(
                $"Unknown key {unknown} in {where}{Spelling.DidYouMean(unknown, [.. _keys, .. _ignoredKeys])}; "
                + $"the keys are {string.Join(", ", _keys)} (and, ignored, {string.Join(", ", _ignoredKeys)}).");
        }

        var metric = root.GetValueOrDefault("metric") as YamlMap
            ?? throw new UsageException($"{where} has no metric, expected a name and a goal, such as metric: {{ name: val_loss, goal: minimize }}.");
        metric.CheckKeys("metric", "name", "goal", "target");
        var goal = metric.GetValueOrDefault("goal") ?? "minimize";
        var plan = new SweepPlan
        {
            Method = root.Text("method", where) switch
            {
                "grid" => SweepMethod.Grid,
                "random" => SweepMethod.Random,
                "bayes" => SweepMethod.Bayes,
                var other => throw new UsageException(
                    $"method is {other}{Spelling.DidYouMean(other, ["grid", "random", "bayes"])}, expected grid, random or bayes."),
            },
            Metric = RecipeAliases.Metric(metric.Text("name", "metric")),
            Maximize = goal is "maximize" or "minimize" ? goal is "maximize" : throw new UsageException(
                $"metric.goal is {SweepPlan.Format(goal)}{Spelling.DidYouMean(goal as string ?? "", ["minimize", "maximize"])}, "
                    + "expected minimize or maximize."),
            Target = metric.ContainsKey("target") ? metric.Number("target", "metric") : null,
            Parameters = ReadParameters(root, where),
            EarlyTerminate = root.TryGetValue("early_terminate", out var early) && early is not null ? ReadHyperband(early) : null,
            RunCap = root.ContainsKey("run_cap") ? root.Whole("run_cap", where, 1) : null,
            Name = root.GetValueOrDefault("name") as string,
            Ignored = [.. root.Keys.Where(_ignoredKeys.Contains)],
        };
        return plan.Method == SweepMethod.Grid ? ForGrid(plan) : plan;
    }

    private static SweepPlan ForGrid(SweepPlan plan) => plan.Parameters.FirstOrDefault(p => p.Distribution.Count is null) is { } endless
        ? throw new UsageException(
            $"{endless.Name} is {endless.Distribution}, but a grid needs finitely many values; give values, whole min and max, or q_uniform, or use "
                + "method random or bayes.")
        // A grid has each value once, regardless of its probability.
        : plan with { Parameters = [.. plan.Parameters.Select(p => p with { Distribution = p.Distribution with { Probabilities = [] } })] };

    private static ImmutableArray<SweepParameter> ReadParameters(YamlMap root, string where)
    {
        ImmutableArray<SweepParameter> parameters = root.GetValueOrDefault("parameters") as YamlMap is { Count: > 0 } given
            ? [.. Flatten(given, prefix: "").OrderBy(p => p.Name, StringComparer.Ordinal)]
            : throw new UsageException($"{where} has no parameters, expected at least one, such as parameters: {{ lr: {{ min: 0.0001, max: 0.01 }} }}.");
        return parameters.GroupBy(p => p.Key).FirstOrDefault(g => g.Count() > 1) is { } duplicate
            ? throw new UsageException($"{string.Join(" and ", duplicate.Select(p => p.Name))} both mean {duplicate.Key}; keep one of them.")
            : parameters;
    }

    private static IEnumerable<SweepParameter> Flatten(YamlMap map, string prefix)
    {
        foreach (var (name, value) in map)
        {
            var path = prefix + name;
            var settings = value as YamlMap
                ?? throw new UsageException(
                    $"parameters.{path} is {SweepPlan.Format(value)}, expected a mapping, such as {{ value: … }} or {{ values: […] }}.");
            settings.CheckKeys($"parameters.{path}", DistributionReader.Keys);
            if (settings.TryGetValue("parameters", out var nested))
            {
                var inner = nested as YamlMap ?? throw new UsageException(
                    $"parameters.{path}.parameters is {SweepPlan.Format(nested)}, expected a mapping of parameters.");
                foreach (var parameter in Flatten(inner, $"{path}."))
                {
                    yield return parameter;
                }
            }
            else
            {
                yield return new SweepParameter(path, RecipeAliases.Key(path), DistributionReader.Read(settings, $"parameters.{path}"));
            }
        }
    }

    private static Hyperband ReadHyperband(object value)
    {
        const string Where = "early_terminate";
        var map = value as YamlMap
            ?? throw new UsageException($"{Where} is {SweepPlan.Format(value)}, expected a mapping, such as {Where}: {{ type: hyperband, min_iter: 3 }}.");
        map.CheckKeys(Where, "type", "min_iter", "max_iter", "s", "eta", "strict");
        if (map.GetValueOrDefault("type") is not "hyperband")
        {
            throw new UsageException($"{Where}.type is {SweepPlan.Format(map.GetValueOrDefault("type"))}, expected hyperband.");
        }

        var counted = map.ContainsKey("max_iter");
        if (map.ContainsKey("min_iter") == counted)
        {
            throw new UsageException($"{Where} needs either min_iter (the first bracket) or max_iter (epochs of a whole trial, with s brackets), not both.");
        }

        if (counted && !map.ContainsKey("s"))
        {
            throw new UsageException($"{Where} has max_iter and no s; add s, the number of brackets.");
        }

        var hyperband = new Hyperband
        {
            MinIter = counted ? null : map.Whole("min_iter", Where, 1),
            MaxIter = counted ? map.Whole("max_iter", Where, 1) : null,
            S = map.ContainsKey("s") ? map.Whole("s", Where, 1) : 1,
            Eta = map.ContainsKey("eta") ? map.Number("eta", Where) : 3,
            Strict = map.GetValueOrDefault("strict") is true,
        };
        if (!(hyperband.Eta > 1))
        {
            throw new UsageException($"{Where}.eta is {hyperband.Eta:R}, expected a number above 1.");
        }

        return hyperband.Brackets.IsEmpty
            ? throw new UsageException($"{Where} has no brackets: max_iter {hyperband.MaxIter} / eta {hyperband.Eta:R} is below 1; give a larger max_iter.")
            : hyperband;
    }
}
