using System.Collections.Concurrent;
using Deque.AxeCore.Commons;
using PuppeteerSharp;
using PuppeteerSharp.Media;

namespace SketchFlow.Tests.Browser;

/// <summary>A page in Debian's chromium without a window, with what it requests and what its console says.</summary>
internal sealed class OpenedPage : IAsyncDisposable
{
    private readonly IBrowser _browser;

    private OpenedPage(IBrowser browser, IPage page)
    {
        (_browser, Page) = (browser, page);
        page.Console += (_, e) => Errors.Enqueue($"{e.Message.Type}: {e.Message.Text}");
        page.PageError += (_, e) => Errors.Enqueue(e.Message);
        page.Request += (_, e) => Requests.Enqueue(e.Request.Url);
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Lines of the console and errors of scripts.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>Addresses that were requested.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Opens an address, or a file by its URI.</summary>
    public static async Task<OpenedPage> OpenAsync(string address, int width, int height, bool isPhone = false, bool isDark = false)
    {
        var browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = Chromium(),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"],
            DefaultViewport = new ViewPortOptions { Width = width, Height = height, HasTouch = isPhone, IsMobile = isPhone },
        });
        var opened = new OpenedPage(browser, await browser.NewPageAsync());
        await opened.Page.EmulateMediaFeaturesAsync(
            [new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = isDark ? "dark" : "light" }]);
        await opened.Page.GoToAsync(address);
        return opened;
    }

    /// <summary>Returns the text of an element.</summary>
    public Task<string> TextAsync(string selector) =>
        Page.EvaluateFunctionAsync<string>("selector => document.querySelector(selector).textContent", selector);

    /// <summary>Returns whether everything fits the width of the screen.</summary>
    public Task<bool> FitsTheScreenAsync() => Page.EvaluateExpressionAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth");

    /// <summary>Runs all rules of axe-core, and returns the broken ones with their elements.</summary>
    public async Task<string[]> ViolationsAsync()
    {
        await Page.EvaluateExpressionAsync(new BundledAxeScriptProvider().GetScript());
        return await Page.EvaluateExpressionAsync<string[]>(
            "axe.run().then(r => r.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)).join(' | ')}`))");
    }

    /// <summary>Runs a script and returns the time until the page is drawn again, in milliseconds.</summary>
    public Task<double> MillisecondsAsync(string script) => Page.EvaluateExpressionAsync<double>(
        $"new Promise(done => {{ const start = performance.now(); {script}; "
        + "requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => done(performance.now() - start); "
        + "channel.port2.postMessage(0); }); })");

    /// <summary>Types into a field as a user who replaces its text.</summary>
    public async Task FillAsync(string selector, string text)
    {
        await Page.ClickAsync(selector, new PuppeteerSharp.Input.ClickOptions { Count = 3 });
        await Page.Keyboard.PressAsync("Backspace");
        await Page.TypeAsync(selector, text);
    }

    public async ValueTask DisposeAsync()
    {
        await Page.DisposeAsync();
        await _browser.DisposeAsync();
    }

    private static string Chromium() => ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser"]).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("Chromium is missing; make test-long installs it: apt-get install chromium.");
}
