using DuckDB.NET.Data;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Scoring.Tables;

/// <summary>
/// The columns and the metadata of a logits table, as another Parquet reader sees them, are the approved ones: users' notebooks depend on them.
/// </summary>
public class ParquetSchemaTests
{
    [Fact]
    public void The_schema_of_a_logits_table_is_the_approved_one()
    {
        using var folder = new TemporaryFolder();
        var path = folder["table.parquet"];
        TableFixtures.Write(path, TableFixtures.Table(rows: 3, classes: 2, seed: 1) with { Metadata = TableFixtures.Metadata(2) });
        using var connection = new DuckDBConnection("Data Source=:memory:");
        connection.Open();
        var columns = Rows(connection, $"SELECT name, type, converted_type, repetition_type FROM parquet_schema('{path}')");
        var metadata = Rows(connection, $"SELECT decode(key) FROM parquet_kv_metadata('{path}') ORDER BY 1");
        ApprovedText.Matches("logits-table.txt", $"columns (name, type, converted type, repetition):\n{columns}\nkey-value metadata:\n{metadata}");
    }

    private static string Rows(DuckDBConnection connection, string query)
    {
        using var command = connection.CreateCommand();
        command.CommandText = query;
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read())
        {
            lines.Add("  " + string.Join(" | ", Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetValue(i))));
        }

        return string.Join('\n', lines);
    }
}
