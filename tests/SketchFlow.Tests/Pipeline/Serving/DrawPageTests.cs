using PuppeteerSharp;
using PuppeteerSharp.Input;
using SketchFlow.Tests.Browser;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The page for drawing, in Debian's chromium without a window.</summary>
[Long]
public sealed class DrawPageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public DrawPageTests() => UntrainedRun.Write(_folder["artifacts"], "one", "cat", "dog, or so", "emu");

    [Theory(Timeout = 300_000)]
    [InlineData(1280, 900, false)]
    [InlineData(390, 800, true)]
    public async Task Drawing_gives_an_answer_and_no_request_leaves_the_computer(int width, int height, bool phone)
    {
        using var served = ServedProgram.Start(_folder["artifacts"], "--run", "one");
        await using var opened = await OpenedPage.OpenAsync($"{served.Client.BaseAddress}", width, height, phone);
        var page = opened.Page;
        await page.WaitForSelectorAsync("nav a[href='/draw']");
        await Task.WhenAll(page.WaitForNavigationAsync(), page.ClickAsync("nav a[href='/draw']"));
        Assert.Equal("Nothing is drawn yet.", await opened.TextAsync("#message"));
        await DrawAsync(page, phone);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('#classes li').length === 3");
        Assert.Matches("^This looks like (cat|dog, or so|emu)\\.$", await opened.TextAsync("#message"));
        Assert.Matches(@"^(cat|dog, or so|emu)\d+\.\d %$", await opened.TextAsync("#classes li"));
        Assert.True(await opened.FitsTheScreenAsync(), "The page is wider than the screen.");

        await page.ClickAsync("#undo");
        await page.WaitForFunctionAsync("() => document.getElementById('message').textContent === 'Nothing is drawn yet.'");
        var file = _folder["sketch.png"];
        await File.WriteAllBytesAsync(file, ServedImages.Sketch(5), TestContext.Current.CancellationToken);
        await (await page.QuerySelectorAsync("#file")).UploadFileAsync(file);
        await page.WaitForFunctionAsync("() => document.querySelectorAll('#classes li').length === 3");
        await page.ClickAsync("#clear");
        await page.WaitForFunctionAsync("() => document.querySelectorAll('#classes li').length === 0");

        var own = served.Client.BaseAddress!.ToString();
        Assert.Contains($"{own}predict?top=5", opened.Requests);
        string[] allowed = [own, "data:", $"blob:{own}"];
        Assert.All(opened.Requests, url => Assert.True(Array.Exists(allowed, a => url.StartsWith(a, StringComparison.Ordinal)), url));
        Assert.Empty(opened.Errors);
        Assert.Empty(await opened.ViolationsAsync());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task DrawAsync(IPage page, bool phone)
    {
        var paper = await (await page.QuerySelectorAsync("#paper")).BoundingBoxAsync();
        var (x, y) = (paper.X + (paper.Width / 4), paper.Y + (paper.Height / 4));
        if (phone)
        {
            await page.Touchscreen.TouchStartAsync(x, y);
            await page.Touchscreen.TouchMoveAsync(x + 60, y + 80);
            await page.Touchscreen.TouchMoveAsync(x + 120, y + 10);
            await page.Touchscreen.TouchEndAsync();
            return;
        }

        await page.Mouse.MoveAsync(x, y);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(x + 150, y + 100, new MoveOptions { Steps = 10 });
        await page.Mouse.UpAsync();
    }
}
