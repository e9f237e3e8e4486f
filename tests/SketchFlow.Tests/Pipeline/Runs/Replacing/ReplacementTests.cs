using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Runs.Replacing;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Runs.Replacing;

public sealed class ReplacementTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];

    public ReplacementTests() => _folder.With("runs/a/recipe.yaml", "old").With("runs/a/best.safetensors", "old weights").With("runs/a/fold-0/last", "fold")
        .With("logits/birds/val/a.parquet", "old table").With("submissions/birds/a.csv", "old submission").With("runs/b/recipe.yaml", "other");

    private Artifacts Artifacts => new(_folder.Root);

    private RunFolder Run => Artifacts.Run("a");

    [Fact]
    public void A_run_that_is_set_aside_is_in_no_listing_and_comes_back_exactly_as_it_was()
    {
        var before = Contents();
        using var runLock = RunLock.Acquire(Run);
        var replacement = Replacement.OfRun(Artifacts, Run);
        replacement.SetAside();
        Assert.False(Directory.Exists(Run.Folder));
        Assert.False(File.Exists(_folder["logits/birds/val/a.parquet"]));
        Assert.DoesNotContain(Artifacts.AllRuns(), r => r.Name.StartsWith('.'));
        _folder.With("runs/a/recipe.yaml", "new").With("runs/a/resume/none-yet");
        replacement.Restore(_lines.Add);
        Assert.Equal("The run a is as it was before: the new one ended before its first epoch.", Assert.Single(_lines));
        Assert.False(replacement.IsComplete);
        Assert.Equal(before, Contents());
        replacement.Restore(_lines.Add);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void A_complete_replacement_deletes_the_old_run_with_its_results()
    {
        var replacement = Replacement.OfRun(Artifacts, Run);
        replacement.SetAside();
        _folder.With("runs/a/recipe.yaml", "new");
        replacement.Complete();
        replacement.Restore(_lines.Add);
        Assert.True(replacement.IsComplete);
        Assert.Equal(["runs/a/recipe.yaml: new", "runs/b/recipe.yaml: other"], Contents());
    }

    [Fact]
    public void Files_that_a_killed_process_set_aside_are_put_back_by_the_next_command_but_not_while_the_lock_is_held()
    {
        var before = Contents();
        Replacement.OfRun(Artifacts, Run).SetAside();
        _folder.With("runs/a/recipe.yaml", "new").With("logits/birds/val/a.parquet", "new table");
        using (RunLock.Acquire(Run))
        {
            Replacement.RestoreAbandoned(Artifacts, _lines.Add);
            Assert.Empty(_lines);
            Assert.Equal("new", File.ReadAllText(Run.Recipe));
        }

        Replacement.RestoreAbandoned(Artifacts, _lines.Add);
        Assert.Equal(before, Contents());
        Assert.StartsWith("The run a is as it was before", Assert.Single(_lines), StringComparison.Ordinal);
        Replacement.RestoreAbandoned(Artifacts, _lines.Add);
        Assert.Single(_lines);
    }

    [Fact]
    public void A_kill_between_two_files_of_setting_aside_or_putting_back_loses_none()
    {
        var before = Contents();
        Replacement.OfRun(Artifacts, Run).SetAside();
        // As after a kill before the run itself was moved, or after it was moved back.
        var aside = _folder["runs/.replaced/a"];
        Directory.Move(Path.Combine(aside, "runs", "a"), Run.Folder);
        Replacement.RestoreAbandoned(Artifacts, _lines.Add);
        Assert.Equal(before, Contents());
    }

    [Fact]
    public void A_damaged_manifest_is_reported_and_nothing_is_deleted()
    {
        Replacement.OfRun(Artifacts, Run).SetAside();
        File.WriteAllText(_folder["runs/.replaced/a/replaced.json"], "{");
        var before = Contents();
        Replacement.RestoreAbandoned(Artifacts, _lines.Add);
        Assert.Contains("by hand", Assert.Single(_lines), StringComparison.Ordinal);
        Assert.Equal(before, Contents());
    }

    [Theory]
    [InlineData("""{"title": "the run a", "moved": [], "new": ["../others"], "locks": []}""")]
    [InlineData("""{"title": "the run a", "moved": ["runs/../../others"], "new": [], "locks": []}""")]
    [InlineData("""{"title": "the run a", "moved": [], "new": ["/OTHERS"], "locks": []}""")]
    [InlineData("""{"title": "the run a", "moved": [], "new": ["."], "locks": []}""")]
    [InlineData("""{"title": "the run a", "moved": [], "new": [""], "locks": []}""")]
    [InlineData("""{"title": "the run a", "moved": [], "new": [null], "locks": []}""")]
    [InlineData("""{"title": "the run a", "moved": [], "new": [], "locks": ["../others/lock"]}""")]
    [InlineData("""{"title": "", "moved": [], "new": [], "locks": []}""")]
    [InlineData("""{"title": "the run a"}""")]
    [InlineData("""{"title": ["the run a"], "moved": [], "new": [], "locks": []}""")]
    [InlineData("null")]
    public void A_manifest_never_deletes_or_moves_anything_outside_the_folder_of_all_output(string manifest)
    {
        var others = Directory.CreateDirectory(Path.Combine(_folder.Root, "..", $"others-{Path.GetFileName(_folder.Root)}")).FullName;
        try
        {
            File.WriteAllText(Path.Combine(others, "file"), "x");
            _folder.With("runs/.replaced/a/replaced.json", manifest.Replace("/OTHERS", others, StringComparison.Ordinal)
                .Replace("../others", $"../{Path.GetFileName(others)}", StringComparison.Ordinal));
            var before = Contents();
            Replacement.RestoreAbandoned(Artifacts, _lines.Add);
            Assert.EndsWith("move them back by hand.", Assert.Single(_lines), StringComparison.Ordinal);
            Assert.DoesNotContain("System.", _lines[0], StringComparison.Ordinal);
            Assert.Equal(before, Contents());
            Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(others).Select(Path.GetFileName));
        }
        finally
        {
            Directory.Delete(others, recursive: true);
        }
    }

    [Fact]
    public void A_sweep_comes_back_with_its_trials_and_without_the_new_ones()
    {
        _folder.With("sweeps/s/journal.jsonl", "old").With("runs/s-001/recipe.yaml", "old").With("logits/birds/val/s-001.parquet", "old");
        var before = Contents();
        var trials = new[] { Artifacts.Run("s-001"), Artifacts.Run("s-002") };
        var replacement = Replacement.OfSweep(Artifacts, "s", _folder["sweeps/s"], trials, _folder["sweeps/.locks/s.lock"]);
        replacement.SetAside();
        _folder.With("sweeps/s/journal.jsonl", "new").With("runs/s-001/recipe.yaml", "new").With("runs/s-002/recipe.yaml", "new");
        Replacement.RestoreAbandoned(Artifacts, _lines.Add);
        Assert.Equal(before, Contents());
    }

    public void Dispose() => _folder.Dispose();

    private string[] Contents() =>
    [
        .. Directory.EnumerateFiles(_folder.Root, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
            .Select(f => $"{Path.GetRelativePath(_folder.Root, f)}: {File.ReadAllText(f)}").Order(StringComparer.Ordinal),
    ];
}
