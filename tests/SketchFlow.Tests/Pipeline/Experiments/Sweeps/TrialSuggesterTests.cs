using SketchFlow.Data.Machine;
using SketchFlow.Pipeline.Experiments.Sweeps;

namespace SketchFlow.Tests.Pipeline.Experiments.Sweeps;

public class TrialSuggesterTests
{
    [Fact]
    public void A_grid_has_every_combination_once()
    {
        var plan = Plan("grid", "a: { values: [1, 2, 3] }, b: { min: 0, max: 1 }, c: { value: 5 }, d: { distribution: q_uniform, min: 0, max: 1, q: 0.5 }");
        var seen = Enumerable.Range(1, 18)
            .Select(i => string.Join(' ', plan.SettingsAt(TrialSuggester.Next(plan, i, [])!).Select(v => SweepPlan.Format(v.Value)))).ToList();
        Assert.Equal(18, seen.Distinct().Count());
        Assert.Equal("1 0 5 0", seen[0]);
        Assert.Equal("1 0 5 0.5", seen[1]);
        Assert.Null(TrialSuggester.Next(plan, 19, []));
        Assert.Equal(18, plan.Combinations);
    }

    [Fact]
    public void Random_suggestions_depend_on_the_seed_alone_and_another_setting_changes_none()
    {
        var plan = Plan("random", "a: { min: 0.0, max: 1.0 }, b: { min: 0.0, max: 1.0 }");
        var more = Plan("random", "a: { min: 0.0, max: 1.0 }, aa: { min: 0.0, max: 1.0 }, b: { min: 0.0, max: 1.0 }");
        for (var i = 1; i <= 20; i++)
        {
            var (one, two) = (TrialSuggester.Next(plan, i, [])!, TrialSuggester.Next(more, i, [])!);
            Assert.Equal(one, TrialSuggester.Next(plan, i, [([0.1, 0.2], 3)]));
            Assert.Equal((one[0], one[1]), (two[0], two[2]));
            Assert.NotEqual(one, TrialSuggester.Next(plan with { Seed = 2 }, i, []));
        }
    }

    [Fact]
    public void The_process_interpolates_its_points_and_is_less_certain_between_them()
    {
        double[][] points = [[0.0], [0.3], [0.6], [1.0]];
        double[] values = [1, 3, -2, 0];
        var process = GaussianProcess.Fit(points, values, KeyedRandom.For(1, 0, 0, "test"));
        foreach (var (point, value) in points.Zip(values))
        {
            Assert.Equal(value, process.At(point).Mean, 0.3);
            Assert.True(process.At(point).Deviation < process.At([0.8]).Deviation);
        }

        // Far from all points the prediction is their mean.
        Assert.Equal(values.Average(), process.At([50.0]).Mean, 0.2);
        Assert.True(process.ExpectedImprovement([0.65], -2) > process.ExpectedImprovement([0.3], -2));
        Assert.True(process.ExpectedImprovement([0.3], -2) >= 0);
    }

    [Fact]
    public void A_smooth_function_is_predicted_between_its_points()
    {
        double[][] points = [.. Enumerable.Range(0, 12).Select(i => (double[])[i / 11.0])];
        var process = GaussianProcess.Fit(points, [.. points.Select(p => Math.Sin(6 * p[0]))], KeyedRandom.For(1, 0, 0, "test"));
        for (var x = 0.05; x < 1; x += 0.1)
        {
            Assert.Equal(Math.Sin(6 * x), process.At([x]).Mean, 0.02);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Bayes_finds_a_lower_value_of_Branins_function_than_random_search(long seed)
    {
        // Branin and Hoo 1972: three minima of 0.397887 on [-5, 10] x [0, 15].
        static double Branin(IReadOnlyList<object?> v)
        {
            var (x, y) = ((double)v[0]!, (double)v[1]!);
            var a = y - (5.1 / (4 * Math.PI * Math.PI) * x * x) + (5 / Math.PI * x) - 6;
            return (a * a) + (10 * (1 - (1 / (8 * Math.PI))) * Math.Cos(x)) + 10;
        }

        const string Settings = "x: { min: -5.0, max: 10.0 }, y: { min: 0.0, max: 15.0 }";
        var bayes = Best(Plan("bayes", Settings) with { Seed = seed }, 25, Branin);
        var random = Best(Plan("random", Settings) with { Seed = seed }, 25, Branin);
        Assert.InRange(bayes, 0.39, 0.55);
        Assert.True(bayes < random, $"bayes {bayes}, random {random}");
    }

    [Fact]
    public void Bayes_searches_names_and_numbers_together()
    {
        static double Value(IReadOnlyList<object?> v) =>
            (v[0] is "adamw" ? 0 : v[0] is "adam" ? 0.3 : 1) + Square(Math.Log10((double)v[1]!) + 3) + (0.05 * Math.Abs((long)v[2]! - 32) / 32.0);

        var plan = Plan(
            "bayes",
            "kind: { values: [sgd, adam, adamw, lion] }, lr: { distribution: log_uniform_values, min: 1e-5, max: 1e-1 }, size: { values: [8, 16, 32, 64] }");
        Assert.InRange(Best(plan, 30, Value), 0, 0.06);
    }

    [Fact]
    public void Bayes_repeats_no_combination_and_ends_when_all_are_tried()
    {
        var plan = Plan("bayes", "a: { values: [x, y, z] }, b: { min: 1, max: 3 }");
        var past = new List<(double[], double)>();
        while (TrialSuggester.Next(plan, past.Count + 1, past) is { } units)
        {
            // Every third trial fails.
            past.Add((units, past.Count % 3 == 2 ? double.NaN : past.Count));
        }

        Assert.Equal(9, past.Count);
        Assert.Equal(9, past.Select(p => string.Join(' ', plan.SettingsAt(p.Item1).Select(v => v.Value))).Distinct().Count());
    }

    [Fact]
    public void Brackets_of_hyperband_follow_from_min_iter_or_max_iter()
    {
        Assert.Equal([3, 9, 27], new Hyperband { MinIter = 3 }.Brackets.Take(3));
        Assert.Equal([3, 9], new Hyperband { MaxIter = 27, S = 2 }.Brackets);
        Assert.Equal([1, 2], new Hyperband { MaxIter = 5, S = 2, Eta = 2 }.Brackets);
    }

    [Fact]
    public void At_a_bracket_the_best_third_continues_and_between_brackets_all_do()
    {
        var hyperband = new Hyperband { MinIter = 2, Eta = 3 };
        double[][] others = [[5, 5, 5], [4, 4, 4], [9, 3]];
        Assert.Null(hyperband.Judge([9], others));
        Assert.NotNull(hyperband.Judge([0, 4.5], others));
        Assert.Null(hyperband.Judge([9, 3.5], others));
        Assert.NotNull(hyperband.Judge([9, double.NaN], others));
        Assert.Null(hyperband.Judge([9, 3.5, 99], others));
        Assert.Null(hyperband.Judge([9, 9], []));
        Assert.NotNull((hyperband with { Strict = true }).Judge([9, 3.5, 99], others));
    }

    private static double Square(double x) => x * x;

    private static double Best(SweepPlan plan, int trials, Func<IReadOnlyList<object?>, double> function)
    {
        var past = new List<(double[] Units, double Value)>();
        for (var i = 1; i <= trials; i++)
        {
            var units = TrialSuggester.Next(plan, i, past)!;
            past.Add((units, function([.. plan.SettingsAt(units).Select(v => v.Value)])));
        }

        return past.Min(p => p.Value);
    }

    private static SweepPlan Plan(string method, string parameters) =>
        SweepFile.Parse($"method: {method}\nmetric: {{ name: val_loss }}\nparameters: {{ {parameters} }}\n", "test");
}
