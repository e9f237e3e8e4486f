using System.Text.Encodings.Web;
using System.Text.Unicode;
using Fluid;
using Fluid.Values;
using SketchFlow.Data.Messages;

namespace SketchFlow.Reports.Pages;

/// <summary>Renders a page from its template, within the layout that all pages share: head, styles for light and dark, and one small script.</summary>
/// <remarks>
/// Every value is escaped by the engine; the filter <c>raw</c> occurs in the layout alone, for what the program itself contains. Styles and script are in
/// the page, which opens from the disk, and its content security policy lets it load nothing; a page that <c>serve</c> shows may ask that server whether it has
/// changed.
/// </remarks>
internal static class PageTemplate
{
    private const string Layout = "layout";

    private static readonly FluidParser _parser = new();

    // The templates are embedded in the program, so that they may read all properties of a model.
    private static readonly TemplateOptions _options = CreateOptions();

    // Letters of all scripts stay readable in the source of a page.
    private static readonly HtmlEncoder _encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Renders a page.</summary>
    /// <param name="name">Name of the template <c>NAME.liquid</c> and, if there is one, of its script <c>NAME.js</c>.</param>
    /// <param name="title">Title of the page.</param>
    /// <param name="model">The record that the template reads.</param>
    /// <param name="parts">Names of further scripts, for parts that not every such page has.</param>
    public static string Render(string name, string title, object model, params string[] parts)
    {
        var content = Parse(name).Render(new TemplateContext(model, _options), _encoder);
        var layout = new TemplateContext(_options);
        layout.SetValue("title", PrintableText.Line(title));
        layout.SetValue("style", Read("page.css"));
        layout.SetValue("content", content);
        layout.SetValue("live", Read("live.js"));
        layout.SetValue("script", string.Concat(parts.Select(p => Read($"{p}.js")).Prepend(Find($"{name}.js") ?? "")));
        return Parse(Layout).Render(layout, _encoder);
    }

    private static TemplateOptions CreateOptions()
    {
        var options = new TemplateOptions { MemberAccessStrategy = new UnsafeMemberAccessStrategy() };
        // Escaped control characters would still reorder or hide text.
        options.ValueConverters.Add(value => value is string text ? new StringValue(PrintableText.Clean(text)) : null);
        return options;
    }

    private static IFluidTemplate Parse(string name) => _parser.TryParse(Read($"{name}.liquid"), out var template, out var error)
        ? template
        : throw new InvalidOperationException($"The template {name} is not valid: {error}");

    private static string Read(string file) => Find(file) ?? throw new InvalidOperationException($"The program contains no {file}.");

    private static string? Find(string file)
    {
        using var stream = typeof(PageTemplate).Assembly.GetManifestResourceStream($"pages/{file}");
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
