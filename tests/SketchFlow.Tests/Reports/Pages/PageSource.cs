namespace SketchFlow.Tests.Reports.Pages;

/// <summary>The source of a page that opens from the disk.</summary>
internal static class PageSource
{
    private static readonly string[] _loading =
        ["http://", "https://", "url(", "@import", "src=\"/", "href=", "fetch(", "EventSource", "XMLHttpRequest", "import(", "innerHTML", "eval("];

    /// <summary>Requires that a page loads nothing, except by the script of all pages, which asks the server that shows them and none from the disk.</summary>
    public static void LoadsNothing(string page)
    {
        const string End = "})();\n";
        var (begin, policy) = (page.LastIndexOf("<script>", StringComparison.Ordinal), "default-src 'none'; img-src data:; ");
        var end = page.IndexOf(End, begin, StringComparison.Ordinal) + End.Length;
        var live = page[begin..end];
        var leaves = live.IndexOf("if (!location.protocol.startsWith('http')) {\n    return;", StringComparison.Ordinal);
        Assert.InRange(leaves, 0, live.IndexOf("fetch('/health')", StringComparison.Ordinal));
        Assert.InRange(leaves, 0, live.IndexOf("new EventSource(`/events?", StringComparison.Ordinal));
        Assert.Contains(policy, page, StringComparison.Ordinal);
        var rest = page[..begin] + page[end..];
        foreach (var part in _loading)
        {
            Assert.DoesNotContain(part, rest, StringComparison.Ordinal);
        }
    }
}
