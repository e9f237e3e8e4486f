using System.Net;
using System.Text;
using SketchFlow.Samples;

namespace SketchFlow.Insight;

/// <summary>A page of headings, sentences, tables and pictures in one file that needs no other.</summary>
/// <param name="title">Its title.</param>
public sealed class HtmlReport(string title)
{
    private readonly StringBuilder _body = new();

    /// <summary>Adds a heading.</summary>
    public HtmlReport Heading(string text) => Add($"<h2>{Escape(text)}</h2>");

    /// <summary>Adds a paragraph.</summary>
    public HtmlReport Text(string text) => Add($"<p>{Escape(text)}</p>");

    /// <summary>Adds a table.</summary>
    /// <param name="columns">Headings.</param>
    /// <param name="rows">Cells, as many a row as there are headings.</param>
    public HtmlReport Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        _body.Append("<table><tr>").AppendJoin("", columns.Select(c => $"<th>{Escape(c)}</th>")).Append("</tr>\n");
        foreach (var row in rows)
        {
            _body.Append("<tr>").AppendJoin("", row.Select(c => $"<td>{Escape(c)}</td>")).Append("</tr>\n");
        }

        return Add("</table>");
    }

    /// <summary>Adds a picture.</summary>
    /// <param name="png">PNG bytes, which become part of the page.</param>
    /// <param name="description">For those who cannot see it.</param>
    public HtmlReport Picture(byte[] png, string description) =>
        Add($"<img alt=\"{Escape(description)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">");

    /// <summary>Writes the page, whole or not at all.</summary>
    public void Write(string path) => WholeFile.WriteText(path, ToString());

    /// <inheritdoc/>
    public override string ToString() => $$"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>{{Escape(title)}}</title><style>
        body { font: 15px/1.4 sans-serif; max-width: 1440px; margin: 2em auto; padding: 0 1em; }
        table { border-collapse: collapse; } th, td { padding: .2em .7em; text-align: left; border-bottom: 1px solid #ddd; font-variant-numeric: tabular-nums; }
        img { max-width: 100%; display: block; margin: 1em 0; }
        </style></head><body><h1>{{Escape(title)}}</h1>
        {{_body}}</body></html>

        """;

    private HtmlReport Add(string html)
    {
        _body.Append(html).Append('\n');
        return this;
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);
}
