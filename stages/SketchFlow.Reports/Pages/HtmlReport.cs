using System.Net;
using System.Text;
using SketchFlow.Data.Files;
using SketchFlow.Data.Messages;

namespace SketchFlow.Reports.Pages;

/// <summary>An HTML page of headings, text, tables and pictures in one self-contained file.</summary>
/// <param name="title">Title of the page.</param>
public sealed class HtmlReport(string title)
{
    private readonly StringBuilder _body = new();

    /// <summary>Adds a heading.</summary>
    public HtmlReport Heading(string text) => Add($"<h2>{Escape(text)}</h2>");

    /// <summary>Adds a paragraph.</summary>
    public HtmlReport Text(string text) => Add($"<p>{Escape(text)}</p>");

    /// <summary>Adds a highlighted warning.</summary>
    public HtmlReport Warning(string text) => Add($"<p class=\"warning\">{Escape(text)}</p>");

    /// <summary>Adds large figures, each with its name.</summary>
    public HtmlReport Figures(IEnumerable<(string Name, string Value)> figures) =>
        Add($"<div class=\"figures\">{string.Concat(figures.Select(f => $"<div><b>{Escape(f.Value)}</b>{Escape(f.Name)}</div>"))}</div>");

    /// <summary>Adds a section that is collapsed until the reader opens it.</summary>
    /// <param name="summary">Line shown while the section is collapsed.</param>
    /// <param name="content">Adds the contents of the section.</param>
    public HtmlReport Folded(string summary, Action<HtmlReport> content)
    {
        ArgumentNullException.ThrowIfNull(content);
        Add($"<details><summary>{Escape(summary)}</summary>");
        content(this);
        return Add("</details>");
    }

    /// <summary>Adds a table; columns of numbers are aligned to the right.</summary>
    /// <param name="columns">Column headings.</param>
    /// <param name="rows">Cells of each row, one per heading.</param>
    /// <param name="mark">Whether the row of a given number is highlighted.</param>
    public HtmlReport Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows, Func<int, bool>? mark = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(rows);
        var all = rows.ToList();
        string[] classes = [.. columns.Select((_, c) => all.Count > 0 && all.All(r => IsNumber(r[c])) ? " class=\"n\"" : "")];
        _body.Append("<table><tr>").AppendJoin("", columns.Select((c, i) => $"<th{classes[i]}>{Escape(c)}</th>")).Append("</tr>\n");
        for (var i = 0; i < all.Count; i++)
        {
            _body.Append(mark?.Invoke(i) == true ? "<tr class=\"mark\">" : "<tr>")
                .AppendJoin("", all[i].Select((c, j) => $"<td{classes[j]}>{Escape(c)}</td>")).Append("</tr>\n");
        }

        return Add("</table>");
    }

    /// <summary>Adds a picture.</summary>
    /// <param name="png">PNG bytes, which are embedded in the page.</param>
    /// <param name="description">Description for readers who cannot see the picture.</param>
    public HtmlReport Picture(byte[] png, string description) =>
        Add($"<img alt=\"{Escape(description)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">");

    /// <summary>Writes the page atomically.</summary>
    public void Write(string path) => WholeFile.WriteText(path, ToString());

    /// <inheritdoc/>
    public override string ToString() => $$"""
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>{{Escape(title)}}</title><style>
        body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #2b2b2b; max-width: 1440px; margin: 2em auto; padding: 0 1.5em; }
        h1 { font-size: 1.7em; border-bottom: 3px solid #0072b2; padding-bottom: .25em; } h2 { font-size: 1.25em; margin-top: 2.2em; }
        table { border-collapse: collapse; margin: 1em 0; } th { background: #f2f5f8; } tr:hover td { background: #f8fafc; }
        th, td { padding: .3em .8em; text-align: left; border-bottom: 1px solid #dde3ea; font-variant-numeric: tabular-nums; }
        td.n, th.n { text-align: right; } tr.mark td { font-weight: 600; background: #eaf2fb; }
        img { max-width: 100%; display: block; margin: 1em 0; } .warning { border-left: 4px solid #d55e00; background: #fdf3ec; padding: .6em 1em; }
        details { margin: 1em 0; } summary { cursor: pointer; font-weight: 600; }
        .figures { display: flex; flex-wrap: wrap; gap: 1em; } .figures div { background: #f2f5f8; border-radius: 6px; padding: .7em 1.2em; }
        .figures b { display: block; font-size: 1.5em; }
        @media print { details > * { display: block; } }
        </style></head><body><h1>{{Escape(title)}}</h1>
        {{_body}}</body></html>

        """;

    private HtmlReport Add(string html)
    {
        _body.Append(html).Append('\n');
        return this;
    }

    private static bool IsNumber(string cell) => cell is "" or "-" || double.TryParse(cell, System.Globalization.CultureInfo.InvariantCulture, out _);

    private static string Escape(string text) => WebUtility.HtmlEncode(PrintableText.Clean(text));
}
