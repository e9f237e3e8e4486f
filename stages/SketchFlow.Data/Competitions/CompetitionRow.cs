namespace SketchFlow.Data.Competitions;

/// <summary>One row of a table.</summary>
/// <param name="Record">Fields of the row.</param>
/// <param name="Columns">Places of the columns that the table must have, by name.</param>
/// <param name="Separator">Character between fields.</param>
internal sealed record CompetitionRow(string[] Record, Dictionary<string, int> Columns, string Separator)
{
    /// <summary>Reason why the row cannot be used; null for a row with all needed fields.</summary>
    public string? Fault =>
        Columns.Values.DefaultIfEmpty(-1).Max() is var last && last >= Record.Length ? $"the row has {Record.Length} fields, and {last + 1} are needed" : null;

    /// <summary>Returns the field of a needed column; empty in a row that is too short.</summary>
    public string Field(string column) => Field(Columns[column]);

    /// <summary>Returns the field of any column; empty in a row that is too short.</summary>
    public string Field(int place) => place < Record.Length ? Record[place] : "";
}
