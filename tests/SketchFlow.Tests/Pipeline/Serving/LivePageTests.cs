using SketchFlow.Tests.Browser;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The page of a run that continues, in Debian's chromium without a window.</summary>
[Long]
public sealed class LivePageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact(Timeout = 300_000)]
    public async Task An_open_page_shows_the_next_epoch_by_itself_but_not_while_a_reader_types()
    {
        for (var run = 0; run < 17; run++)
        {
            ServedSite.WriteRun(_folder["artifacts"], $"run-{run}", 2);
        }

        using var served = ServedProgram.Start(_folder["artifacts"]);
        await using var opened = await OpenedPage.OpenAsync($"{served.Client.BaseAddress}", 1280, 900);
        await opened.Page.WaitForSelectorAsync("nav a[href='/reports/index.html']");
        Assert.Equal(0, await opened.Page.EvaluateExpressionAsync<int>("document.querySelectorAll(\"nav a[href='/draw']\").length"));
        Assert.Contains("20.00", await opened.TextAsync("table"), StringComparison.Ordinal);
        ServedSite.WriteRun(_folder["artifacts"], "run-3", 4);
        await opened.Page.WaitForFunctionAsync("() => document.querySelector('table').textContent.includes('40.00')");

        await opened.FillAsync("input[type=search]", "run-1");
        ServedSite.WriteRun(_folder["artifacts"], "run-3", 5);
        await Task.Delay(4000, TestContext.Current.CancellationToken);
        Assert.Equal("run-1", await opened.Page.EvaluateExpressionAsync<string>("document.querySelector('input[type=search]').value"));
        await opened.Page.EvaluateExpressionAsync("document.activeElement.blur()");
        await opened.Page.WaitForFunctionAsync("() => document.querySelector('table')?.textContent.includes('50.00')");

        var own = served.Client.BaseAddress!.ToString();
        Assert.All(opened.Requests, url => Assert.StartsWith(own, url, StringComparison.Ordinal));
        Assert.Empty(opened.Errors);
        Assert.Empty(await opened.ViolationsAsync());
    }

    public void Dispose() => _folder.Dispose();
}
