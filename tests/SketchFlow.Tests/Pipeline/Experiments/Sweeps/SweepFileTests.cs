using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Experiments.Sweeps;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline.Experiments.Sweeps;

public class SweepFileTests
{
    private const string Head = "method: random\nmetric: { name: val_loss, goal: minimize }\n";

    [Fact]
    public void The_sweep_of_the_report_is_read()
    {
        var plan = SweepFile.Read(Path.Combine(AppContext.BaseDirectory, "..", "recipes", "sweeps", "report.yaml"));
        Assert.Equal((SweepMethod.Random, "val_loss", false), (plan.Method, plan.Metric, plan.Maximize));
        var keys = plan.Parameters.ToDictionary(p => p.Key, p => p.Distribution, StringComparer.Ordinal);
        Assert.Equal((1e-5, 1e-2), (keys["optimizer.learning_rate"].Min, keys["optimizer.learning_rate"].Max));
        Assert.Equal([4L, 8L, 16L], keys["batch_size"].Values);
        Assert.Equal((DistributionKind.IntUniform, 2.0, 10.0), (keys["epochs"].Kind, keys["epochs"].Min, keys["epochs"].Max));
        Assert.Equal((DistributionKind.Uniform, 0.1, 0.5), (keys["schedule.gamma"].Kind, keys["schedule.gamma"].Min, keys["schedule.gamma"].Max));
        var steps = keys["schedule.step_epochs"];
        Assert.Equal((DistributionKind.IntUniform, 1.0, 6.0), (steps.Kind, steps.Min, steps.Max));
        Assert.Equal((0.0, 1e-4), (keys["optimizer.weight_decay"].Min, keys["optimizer.weight_decay"].Max));
        Assert.Equal((384L, "step"), (keys["image_size"].Values[0], keys["schedule.kind"].Values[0]));
        Assert.StartsWith("regnety_1280", (string)keys[RecipeAliases.Model].Values[0]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log_uniform", 0.0001, 0.1, true)]
    [InlineData("q_log_uniform", 0.0001, 0.1, true)]
    [InlineData("log_uniform", 1e-3, 10, true)]
    [InlineData("log_uniform", 8, 256, true)]
    [InlineData("inv_log_uniform", 0.0001, 0.1, true)]
    [InlineData("log_uniform", -9.2, -2.3, false)]
    [InlineData("log_uniform", -9.2, 0, false)]
    [InlineData("log_uniform", 0, 5.5, false)]
    // Batch sizes from 8 to 256.
    [InlineData("log_uniform", 2.08, 5.55, false)]
    [InlineData("inv_log_uniform", 2.3, 9.2, false)]
    [InlineData("log_uniform_values", 0.0001, 0.1, false)]
    [InlineData("uniform", 0.0001, 0.1, false)]
    public void Exponents_that_are_plainly_values_are_warned_of_with_the_remedy(string distribution, double min, double max, bool warned)
    {
        var quantum = distribution.StartsWith("q_", StringComparison.Ordinal) ? ", q: 0.01" : "";
        var plan = SweepFile.Parse(
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{Head}parameters: {{ lr: {{ distribution: {distribution}, min: {min:0.0###}, max: {max:0.0###}{quantum} }} }}\n"),
            "test");
        Assert.Equal(warned ? 1 : 0, plan.Warnings.Length);
        Assert.All(plan.Warnings, w => Assert.Contains("write distribution: log_uniform_values", w, StringComparison.Ordinal));
        if (distribution == "log_uniform" && max == 0.1)
        {
            Assert.Equal(
                "Warning: lr is log_uniform from 0.0001 to 0.1. These are exponents of e, so that its values lie between 1 and 1.105. "
                + "For values between 0.0001 and 0.1, write distribution: log_uniform_values.",
                plan.Warnings[0]);
        }
    }

    [Fact]
    public void Nested_parameters_get_dotted_names_and_usual_names_are_known_within_a_section()
    {
        var plan = SweepFile.Parse(
            Head + "parameters:\n  optimizer:\n    parameters:\n      lr: { value: 0.1 }\n      kind: { values: [adam, adamw] }\n"
            + "  loss.label_smoothing: { value: 0.1 }\n",
            "test");
        Assert.Equal(["loss.label_smoothing", "optimizer.kind", "optimizer.learning_rate"], plan.Parameters.Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Numbers_keep_their_type_and_their_digits()
    {
        const string Parameters = "parameters: { p: { values: [1, 1.0, 1e-3, 0.123456789012, true, null, '1', word, [1, 2], { a: 1 }] } }\n";
        var values = SweepFile.Parse(Head + Parameters, "test").Parameters[0].Distribution.Values;
        Assert.Equal([1L, 1.0, 1e-3, 0.123456789012, true, null, "1", "word"], values.Take(8));
        Assert.Equal("[1,2]", SweepPlan.Format(values[8]));
        Assert.Equal("{\"a\":1}", SweepPlan.Format(values[9]));
    }

    [Theory]
    [InlineData("method: hope\nmetric: { name: val_loss }\nparameters: { p: { value: 1 } }\n", "grid, random or bayes")]
    [InlineData("metric: { name: val_loss }\nparameters: { p: { value: 1 } }\n", "method")]
    [InlineData("method: random\nparameters: { p: { value: 1 } }\n", "metric")]
    [InlineData(Head, "parameters")]
    [InlineData(Head + "parameters: { p: 3 }\n", "mapping")]
    [InlineData(Head + "parameters: { p: { valves: [1] } }\n", "values")]
    [InlineData(Head + "parameters: { p: { min: 2, max: 1 } }\n", "not below min")]
    [InlineData(Head + "parameters: { p: { min: 1 } }\n", "min and max")]
    [InlineData(Head + "parameters: { p: { distribution: beta, a: 1 } }\n", "the keys of parameters.p are")]
    [InlineData(Head + "parameters: { p: { distribution: zipf } }\n", "log_uniform_values")]
    [InlineData(Head + "parameters: { p: { distribution: log_uniform_values, min: 0, max: 1 } }\n", "above 0")]
    [InlineData(Head + "parameters: { p: { distribution: q_uniform, min: 0.1, max: 0.2, q: 1 } }\n", "multiple")]
    [InlineData(Head + "parameters: { p: { values: [1, 2], probabilities: [0.5, 0.4] } }\n", "sum")]
    [InlineData(Head + "parameters: { lr: { value: 1 }, learning_rate: { value: 2 } }\n", "both mean optimizer.learning_rate")]
    [InlineData(Head + "parameters: { p: { value: 1 } }\nearly_terminate: { type: envelope }\n", "hyperband")]
    [InlineData(Head + "parameters: { p: { value: 1 } }\nearly_terminate: { type: hyperband }\n", "min_iter")]
    [InlineData(Head + "parameters: { p: { value: 1 } }\nearly_terminate: { type: hyperband, max_iter: 9 }\n", "brackets")]
    [InlineData(Head + "parameters: { p: { value: 1 } }\nrun_cap: none\n", "run_cap")]
    [InlineData(Head + "parameters: { p: { value: 1 } }\nruncap: 3\n", "run_cap")]
    [InlineData("method: grid\nmetric: { name: val_loss }\nparameters: { p: { min: 0.0, max: 1.0 } }\n", "finitely many")]
    public void Errors_name_the_expected_value(string yaml, string words) =>
        Assert.Contains(words, Assert.Throws<UsageException>(() => SweepFile.Parse(yaml, "test")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_is_not_a_sweep_is_refused()
    {
        Assert.Throws<RefusalException>(() => SweepFile.Parse("a: [1\n", "test"));
        Assert.Throws<RefusalException>(() => SweepFile.Parse("", "test"));
        Assert.Throws<RefusalException>(() => SweepFile.Read("/nowhere.yaml"));
    }
}
