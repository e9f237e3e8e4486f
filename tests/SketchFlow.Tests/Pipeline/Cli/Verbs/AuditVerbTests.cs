using System.Text.Json;
using SketchFlow.Data.Datasets;
using SketchFlow.Data.Machine;
using SketchFlow.Imaging.Doodles;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Scoring;

namespace SketchFlow.Tests.Pipeline.Cli.Verbs;

/// <summary>The verb <c>audit</c> on logits tables whose contents are known.</summary>
public sealed class AuditVerbTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sketchflow-audit-").FullName;

    private string Artifacts => Path.Combine(_root, "artifacts");

    [Fact]
    public void A_planted_error_is_the_first_row_and_the_files_have_the_documented_columns()
    {
        var table = TableFixtures.Table(240, 4, 3, "one", skill: 9);
        int?[] targets = [.. table.Targets];
        targets[50] = (targets[50] + 1) % 4;
        Write(table with { Targets = targets });
        var answer = Run("--run", "one", "--drop", "--json");
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal((240, 0), (json.RootElement.GetProperty("images").GetInt32(), json.RootElement.GetProperty("unlabelled").GetInt32()));
        Assert.InRange(json.RootElement.GetProperty("label_errors").GetInt32(), 1, 5);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("duplicates").ValueKind);
        string[] rows = Lines("one", "audit.csv");
        Assert.Equal(
            "rank,id,image_path,given_class,suggested_class,probability_of_given,probability_of_suggested,quality,certainty,kinds,copy", rows[0]);
        Assert.StartsWith("1,50,val/50.png,", rows[1], StringComparison.Ordinal);
        Assert.EndsWith(",label_error,", rows[1], StringComparison.Ordinal);
        Assert.Equal(241, rows.Length);
        Assert.Contains("50,val/50.png,0", Lines("one", "weights.csv"));
        Assert.Contains("51,val/51.png,1", Lines("one", "weights.csv"));
        Assert.Equal("first,second,first_as_second,second_as_first,share", Lines("one", "merging.csv")[0]);
        Assert.Contains("not searched for: the images were not found", answer.Output, StringComparison.Ordinal);
        Assert.Contains("one on sketches/val: 240 images of 4 classes, temperature ", answer.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(9, false)]
    public void A_model_that_is_no_better_than_chance_is_warned_of(double skill, bool warns)
    {
        Write(TableFixtures.Table(240, 4, 3, "one", skill: skill));
        var answer = Run("--run", "one");
        Assert.Equal(warns, answer.Error.Contains("25.00 % would by chance: the findings say little about the labels", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_without_a_label_and_rejected_images_are_counted_and_left_out()
    {
        var table = TableFixtures.Table(60, 3, 1, "one", skill: 5);
        int?[] targets = [.. table.Targets];
        string[] statuses = [.. table.Statuses];
        (targets[3], targets[8], statuses[5]) = (null, null, "the file is empty");
        var logits = table.Logits.ToArray();
        logits.AsSpan(15, 3).Clear();
        Write(table with { Targets = targets, Statuses = statuses, Logits = logits });
        var answer = Run("--run", "one", "--json");
        Assert.Contains("57 images of 3 classes", answer.Output, StringComparison.Ordinal);
        Assert.Contains("left out: 2 without a label, 1 rejected", answer.Output, StringComparison.Ordinal);
        Assert.Equal(58, Lines("one", "audit.csv").Length);

        Write(table with { Targets = new int?[60] });
        var refused = ProgramRunner.Run(Artifacts, "audit", "--run", "one");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("one has 0 labelled rows", refused.Error, StringComparison.Ordinal);
        Assert.Contains("expected val or train", ProgramRunner.Run(Artifacts, "audit", "--run", "one", "--split", "test").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void All_runs_together_find_what_none_of_them_can_learn()
    {
        int?[] targets = TableFixtures.Table(120, 5, 1, "one", skill: 9).Targets;
        targets = [.. targets];
        targets[7] = (targets[7] + 2) % 5;
        foreach (var (name, seed) in new[] { ("one", 1), ("two", 2) })
        {
            Write(TableFixtures.Table(120, 5, seed, name, skill: 9) with { Targets = targets });
        }

        var answer = Run("--run", "all", "--json");
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(1, json.RootElement.GetProperty("unlearnable").GetInt32());
        Assert.Contains("label_error;unlearnable", Lines("all-sketches", "audit.csv")[1], StringComparison.Ordinal);
        Assert.Contains("all (2 models) on sketches/val", answer.Output, StringComparison.Ordinal);
        Assert.Contains("needs an ensemble", Run("--run", "two").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Copies_with_other_labels_are_found_where_the_images_are_and_shown_on_the_page()
    {
        var data = Path.Combine(_root, "few");
        DoodleGenerator.Write(new DoodlesOptions { Classes = 3, TrainPerClass = 8, TestPerClass = 1, Seed = 3 }, data);
        var set = DataSetReader.Read(data);
        var (first, second) = (set.Train.First(s => s.Target == 0), set.Train.First(s => s.Target == 2));
        File.Copy(first.File, second.File, overwrite: true);
        var table = Table(set, "one");
        Write(table);
        var answer = Run("--run", "one", "--data", data, "--json");
        using var json = JsonDocument.Parse(answer.LastLine);
        Assert.Equal(2, json.RootElement.GetProperty("duplicates").GetInt32());
        Assert.Contains(
            Lines("one", "audit.csv"),
            l => l.Contains(second.ImagePath, StringComparison.Ordinal) && l.EndsWith($",{first.ImagePath}", StringComparison.Ordinal));
        var page = File.ReadAllText(json.RootElement.GetProperty("report").GetString()!);
        Assert.Contains("src=\"data:image/webp;base64,", page, StringComparison.Ordinal);
        Assert.Contains($"{first.ImagePath}, labelled {set.Classes[0]}", page, StringComparison.Ordinal);
        Assert.Equal(set.Train.Length + 1, Lines("one", "weights.csv").Length);
        Assert.DoesNotContain("duplicate", Run("--run", "one", "--data", data, "--no-copies").LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_are_harmless_on_the_terminal_and_on_the_page()
    {
        const string Attack = "</script><img src=x onerror=alert(1)>\"'&\u001b[31m\u202e\n,=1+1";
        var table = TableFixtures.Table(90, 3, 2, "one");
        table = table with
        {
            Metadata = table.Metadata with { ClassNames = [Attack, "{{ 7 | times: 6 }}", "학교 مدرسة 𝒳"] },
            ImagePaths = [.. table.ImagePaths.Select(p => $"{p}{Attack}")],
        };
        Write(table);
        var answer = Run("--run", "one");
        Assert.DoesNotContain('\u001b', answer.Output);
        Assert.DoesNotContain('\u202e', answer.Output);
        var page = File.ReadAllText(Path.Combine(Artifacts, "reports", "audit", "one", "index.html"));
        Assert.DoesNotContain("<img src=x", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', page);
        Assert.DoesNotContain('\u202e', page);
        Assert.DoesNotContain("&#x202E;", page, StringComparison.Ordinal);
        Assert.Contains("&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;&quot;&#x27;&amp;", page, StringComparison.Ordinal);
        Assert.Contains("{{ 7 | times: 6 }}", page, StringComparison.Ordinal);
        Assert.Contains("학교 مدرسة", page, StringComparison.Ordinal);
        Assert.Equal(1, page.Split("<script>").Length - 1);
    }

    [Fact]
    public void A_table_is_read_without_libtorch_and_no_line_is_wider_than_80_columns()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux has this log of the dynamic loader");
        Write(TableFixtures.Table(300, 5, 4, "one", skill: 0.5));
        var log = Path.Combine(_root, "libraries");
        var answer = ProgramRunner.RunWithEnvironment(
            Artifacts, new(StringComparer.Ordinal) { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = log, ["COLUMNS"] = "80" }, null, "audit", "--run", "one");
        Assert.True(answer.ExitCode == 0, answer.ToString());
        var libraries = string.Concat(Directory.GetFiles(_root, "libraries*").Select(File.ReadAllText));
        Assert.Contains("libcoreclr.so", libraries, StringComparison.Ordinal);
        Assert.DoesNotContain("torch", libraries, StringComparison.OrdinalIgnoreCase);
        Assert.All(
            answer.Output.Split('\n'),
            line => Assert.True(TerminalWidth.Of(line) <= 80 || line.Contains(_root, StringComparison.Ordinal), line));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Logits of the training rows of a data set, with a signal.
    private static LogitsTable Table(DataSet data, string run)
    {
        var chance = KeyedRandom.For(1, 0, 0, run);
        var classes = data.Classes.Length;
        var logits = new float[data.Train.Length * classes];
        for (var i = 0; i < logits.Length; i++)
        {
            logits[i] = (float)(chance.NextNormal() + (data.Train[i / classes].Target == i % classes ? 4 : 0));
        }

        return new LogitsTable(
            $"{run}.parquet", TableFixtures.Metadata(classes, run) with { Fold = null, ClassNames = data.Classes, Dataset = data.Name },
            [.. data.Train.Select(s => s.Id)], [.. data.Train.Select(s => s.ImagePath)], [.. data.Train.Select(s => s.Target)],
            [.. data.Train.Select(_ => LogitsTable.Ok)], logits);
    }

    private void Write(LogitsTable table)
    {
        var folder = Path.Combine(Artifacts, "logits", table.Metadata.Dataset, "val");
        Directory.CreateDirectory(folder);
        TableFixtures.Write(Path.Combine(folder, $"{table.Metadata.Run}.parquet"), table);
    }

    private ProgramResult Run(params string[] arguments)
    {
        var answer = ProgramRunner.Run(Artifacts, ["audit", .. arguments]);
        Assert.True(answer.ExitCode == 0, answer.ToString());
        return answer;
    }

    private string[] Lines(string name, string file) => File.ReadAllLines(Path.Combine(Artifacts, "reports", "audit", name, file));
}
