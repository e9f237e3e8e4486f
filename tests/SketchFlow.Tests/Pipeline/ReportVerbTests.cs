using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline;

/// <summary>The pages of real runs, and the page that leads to them.</summary>
public sealed partial class ReportVerbTests(TrainedRuns runs) : IClassFixture<TrainedRuns>
{
    [Fact]
    public void The_page_of_all_experiments_leads_to_a_page_of_every_run_and_only_changed_ones_are_written_again()
    {
        // Another test of this class may have written a page before.
        if (Directory.Exists(runs.File("reports", "runs")))
        {
            Directory.Delete(runs.File("reports", "runs"), recursive: true);
        }

        Assert.Equal(["one", "two"], Written("report", "--json"));
        var index = File.ReadAllText(runs.File("reports", "index.html"));
        string[] links = [.. Link().Matches(index).Select(m => m.Groups["to"].Value)];
        Assert.Contains("runs/one/index.html", links);
        Assert.Contains("runs/two/index.html", links);
        Assert.All(links, link => Assert.True(File.Exists(runs.File("reports", Uri.UnescapeDataString(link))), link));
        Assert.Contains("Validation accuracy of the 2 best runs", index, StringComparison.Ordinal);

        Assert.Contains("<path data-run=\"one\"", index, StringComparison.Ordinal);
        Assert.Contains("a line for each run crosses architecture", index, StringComparison.Ordinal);

        Assert.Empty(Written("report", "--json"));
        File.SetLastWriteTimeUtc(runs.File("runs", "two", "metrics.csv"), DateTime.UtcNow.AddMinutes(1));
        Assert.Equal(["two"], Written("report", "--json"));
    }

    [Fact]
    public void The_page_of_a_run_has_its_curves_its_recipe_and_its_evaluation()
    {
        Assert.Equal(["one"], Written("report", "--run", "one", "--against", "two", "--json"));
        var page = File.ReadAllText(runs.File("reports", "runs", "one", "index.html"));
        foreach (var part in (string[])["Loss: cross-entropy, nats by epoch", "from two.", "<td>optimizer.learning_rate</td>", "recall by class",
            "reliability diagram", "mistakes with the lowest probability for the true class", "<td>convnext_atto</td><td>resnet18</td>"])
        {
            Assert.Contains(part, page, StringComparison.Ordinal);
        }

        // Two epochs of four lines of accuracy and loss: two points each.
        Assert.Matches("class=\"line line2\" d=\"M[0-9. ]+L[0-9. ]+\"", page);
    }

    [Fact]
    public void The_worst_classes_are_shown_with_their_images_and_link_to_maps_that_exist()
    {
        Written("report", "--run", "one", "--json");
        var file = runs.File("reports", "runs", "one", "index.html");
        var page = WebUtility.HtmlDecode(File.ReadAllText(file));
        Assert.DoesNotContain("map of gradcam", page, StringComparison.Ordinal);
        var image = ShownImage().Match(page).Groups["path"].Value;
        Assert.NotEmpty(image);
        var folder = Directory.CreateDirectory(runs.File("reports", "explain", "one")).FullName;
        File.WriteAllText(Path.Combine(folder, "000-a b-gradcam.png"), "");
        File.WriteAllText(runs.File("reports", "outside.png"), "");
        File.WriteAllLines(
            Path.Combine(folder, "maps.csv"),
            ["image_path,method,file", $"{image},gradcam,000-a b-gradcam.png", $"{image},missing,001.png", $"{image},outside,../../outside.png"]);
        Written("report", "--run", "one", "--json");
        page = File.ReadAllText(file);
        Assert.Contains("<a href=\"../../explain/one/000-a%20b-gradcam.png\">map of gradcam</a>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("map of missing", page, StringComparison.Ordinal);
        Assert.DoesNotContain("map of outside", page, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(folder, "maps.csv"), "no table");
        Written("report", "--run", "one", "--json");
        Assert.DoesNotContain("map of gradcam", File.ReadAllText(file), StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_misspelt_run_is_refused_with_the_nearest_name()
    {
        var answer = ProgramRunner.Run(runs.Artifacts, "report", "--run", "ome");
        Assert.Equal(1, answer.ExitCode);
        Assert.Contains("did you mean 'one'?", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_runs_the_page_says_so()
    {
        var artifacts = Path.Combine(runs.Root, "none");
        var answer = ProgramRunner.Run(artifacts, "report");
        Assert.Equal(0, answer.ExitCode);
        Assert.Contains("There are no runs yet", File.ReadAllText(Path.Combine(artifacts, "reports", "index.html")), StringComparison.Ordinal);
    }

    private string[] Written(params string[] arguments)
    {
        var answer = ProgramRunner.Run(runs.Artifacts, arguments);
        Assert.True(answer.ExitCode == 0, answer.ToString());
        using var json = JsonDocument.Parse(answer.LastLine);
        return [.. json.RootElement.GetProperty("pages").EnumerateArray().Select(p => p.GetProperty("run").GetString()!).Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex("; id [0-9]+, (?<path>[^<]+)</p>", RegexOptions.ExplicitCapture)]
    private static partial Regex ShownImage();

    [GeneratedRegex("<a href=\"(?<to>[^\"]+)\"", RegexOptions.ExplicitCapture)]
    private static partial Regex Link();
}
