using System.Diagnostics;
using System.Globalization;
using System.Net.ServerSentEvents;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The pages of experiments over HTTP, live, without a model.</summary>
public sealed class SiteServerTests : IDisposable
{
    private const int Timeout = 60_000;

    private readonly TemporaryFolder _folder = new();

    public SiteServerTests() => ServedSite.WriteRun(Artifacts, "one", 2);

    private string Artifacts => _folder["artifacts"];

    [Fact(Timeout = Timeout)]
    public async Task Pages_are_written_when_they_are_asked_for_and_again_when_a_run_goes_on()
    {
        await using var site = await ServedSite.StartAsync(Artifacts);
        var (status, index) = await site.GetAsync("/reports/index.html");
        Assert.Equal(200, status);
        Assert.Contains("runs/one/index.html", index, StringComparison.Ordinal);
        Assert.DoesNotContain("runs/two/index.html", index, StringComparison.Ordinal);
        var (_, before) = await site.GetAsync("/reports/runs/one/index.html");
        Assert.Contains("20.00", before, StringComparison.Ordinal);

        ServedSite.WriteRun(Artifacts, "one", 3);
        ServedSite.WriteRun(Artifacts, "two", 1);
        await WaitAsync(async () => (await site.GetAsync("/reports/index.html")).Text.Contains("runs/two/index.html", StringComparison.Ordinal));
        await WaitAsync(async () => (await site.GetAsync("/reports/runs/one/index.html")).Text.Contains("30.00", StringComparison.Ordinal));
    }

    [Fact(Timeout = Timeout)]
    public async Task An_open_page_hears_of_a_change_and_of_nothing_else()
    {
        await using var site = await ServedSite.StartAsync(Artifacts);
        await site.GetAsync("/reports/runs/one/index.html");
        var file = Path.Combine(Artifacts, "reports", "runs", "one", "index.html");
        var seen = new DateTimeOffset(File.GetLastWriteTimeUtc(file)).ToUnixTimeSeconds();
        await using var stream = await site.Client.GetStreamAsync(
            new Uri($"/events?page=/reports/runs/one/index.html&seen={seen}", UriKind.Relative), TestContext.Current.CancellationToken);
        await using var events = SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("open", events.Current.EventType);
        var next = events.MoveNextAsync().AsTask();
        Assert.NotSame(next, await Task.WhenAny(next, Task.Delay(2500, TestContext.Current.CancellationToken)));

        ServedSite.WriteRun(Artifacts, "one", 3);
        Assert.True(await next);
        Assert.Equal("change", events.Current.EventType);
        Assert.True(long.Parse(events.Current.Data, CultureInfo.InvariantCulture) > seen);
        Assert.Contains("30.00", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_page_that_changed_before_it_listens_hears_of_it_at_the_start()
    {
        await using var site = await ServedSite.StartAsync(Artifacts);
        await site.GetAsync("/reports/index.html");
        await using var stream = await site.Client.GetStreamAsync(
            new Uri("/events?page=/reports/index.html&seen=12345", UriKind.Relative), TestContext.Current.CancellationToken);
        await using var events = SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.True(await events.MoveNextAsync());
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("change", events.Current.EventType);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_stops_does_not_wait_for_open_pages()
    {
        await using var site = await ServedSite.StartAsync(Artifacts);
        await using var stream = await site.Client.GetStreamAsync(
            new Uri("/events?page=/reports/index.html", UriKind.Relative), TestContext.Current.CancellationToken);
        var start = Stopwatch.GetTimestamp();
        await site.StopAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Theory(Timeout = Timeout)]
    [InlineData("/reports/../runs/one/recipe.yaml")]
    [InlineData("/reports/%2e%2e/runs/one/recipe.yaml")]
    [InlineData("/reports/..%2fruns%2fone%2frecipe.yaml")]
    [InlineData("/reports/..%5cruns%5cone%5crecipe.yaml")]
    [InlineData("/reports//etc/passwd")]
    [InlineData("/reports/link/secret.csv")]
    [InlineData("/reports/linked.csv")]
    [InlineData("/reports/.hidden.csv")]
    [InlineData("/reports/weights.safetensors")]
    [InlineData("/reports/%00.csv")]
    [InlineData("/reports/none.html")]
    public async Task Nothing_but_pages_and_tables_below_the_folder_of_reports_is_shown(string path)
    {
        var reports = Path.Combine(Artifacts, "reports");
        Directory.CreateDirectory(reports);
        await File.WriteAllTextAsync(_folder["secret.csv"], "secret", TestContext.Current.CancellationToken);
        Directory.CreateSymbolicLink(Path.Combine(reports, "link"), _folder.Root);
        File.CreateSymbolicLink(Path.Combine(reports, "linked.csv"), _folder["secret.csv"]);
        await File.WriteAllTextAsync(Path.Combine(reports, ".hidden.csv"), "secret", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(reports, "weights.safetensors"), "secret", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(reports, "shown.csv"), "a,b", TestContext.Current.CancellationToken);
        await using var site = await ServedSite.StartAsync(Artifacts);

        Assert.Equal((200, "a,b"), await site.GetAsync("/reports/shown.csv"));
        var (status, text) = await site.GetAsync(path);
        Assert.True(status is 400 or 404, $"{status}");
        Assert.DoesNotContain("secret\n", $"{text}\n", StringComparison.Ordinal);
        Assert.DoesNotContain("architecture:", text, StringComparison.Ordinal);
    }

    [Theory(Timeout = Timeout)]
    [InlineData("/draw")]
    [InlineData("/predict")]
    public async Task Without_a_model_a_sentence_says_how_to_start_with_one(string path)
    {
        await using var site = await ServedSite.StartAsync(Artifacts);
        using var request = new HttpRequestMessage(path == "/predict" ? HttpMethod.Post : HttpMethod.Get, path);
        using var response = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var (status, answer) = await ServedEngine.ReadAsync(response);
        Assert.Equal((404, "This server has no model; start it with: sketchflow serve --run NAME."), (status, answer.GetProperty("detail").GetString()));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(null, null, 401)]
    [InlineData("Authorization", "Bearer correct-horse-battery", 200)]
    [InlineData("Cookie", "sketchflow-token=correct-horse-battery", 200)]
    [InlineData("Cookie", "sketchflow-token=correct-horse", 401)]
    [InlineData("Cookie", "other=correct-horse-battery", 401)]
    public async Task A_token_is_a_header_or_the_cookie_of_the_first_page(string? header, string? value, int expected)
    {
        await using var site = await ServedSite.StartAsync(
            Artifacts, change: o => o with { Address = System.Net.IPAddress.Any, Token = "correct-horse-battery" });
        foreach (var path in (string[])["/reports/index.html", "/reports/runs/one/index.html", "/"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            _ = header is null || request.Headers.TryAddWithoutValidation(header, value);
            using var response = await site.Client.SendAsync(request, TestContext.Current.CancellationToken);
            // The first page asks for the token, or leads to the experiments.
            Assert.Equal(path != "/" ? expected : expected == 401 ? 200 : 302, (int)response.StatusCode);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task The_first_address_leads_to_the_experiments_and_their_policy_lets_pages_load_nothing_from_elsewhere()
    {
        await using var site = await ServedSite.StartAsync(Artifacts);
        foreach (var path in (string[])["/", "/reports", "/reports/"])
        {
            using var first = await site.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal((302, "/reports/index.html"), ((int)first.StatusCode, first.Headers.Location?.ToString()));
        }

        using var index = await site.Client.GetAsync(new Uri("/reports/index.html", UriKind.Relative), TestContext.Current.CancellationToken);
        var policy = index.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Contains("connect-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"http|\*|unsafe-eval", policy);
        Assert.Equal("no-cache", index.Headers.CacheControl?.ToString());
    }

    [Fact(Timeout = Timeout)]
    public async Task A_damaged_run_is_warned_of_once_and_the_others_are_shown()
    {
        ServedSite.WriteRun(Artifacts, "broken", 1);
        await File.WriteAllTextAsync(Path.Combine(Artifacts, "runs", "broken", "recipe.yaml"), "{", TestContext.Current.CancellationToken);
        var warnings = new List<string>();
        await using var site = await ServedSite.StartAsync(Artifacts, warnings.Add);
        for (var epochs = 3; epochs < 5; epochs++)
        {
            ServedSite.WriteRun(Artifacts, "one", epochs);
            await Task.Delay(1100, TestContext.Current.CancellationToken);
            Assert.Contains("runs/one/index.html", (await site.GetAsync("/reports/index.html")).Text, StringComparison.Ordinal);
        }

        Assert.Equal(warnings.Distinct(StringComparer.Ordinal), warnings);
    }

    public void Dispose() => _folder.Dispose();

    // A page is looked at again once per second.
    private static async Task WaitAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }
}
