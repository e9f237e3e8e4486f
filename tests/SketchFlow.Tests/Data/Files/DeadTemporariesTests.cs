using System.Diagnostics;
using SketchFlow.Data.Files;

namespace SketchFlow.Tests.Data.Files;

public sealed class DeadTemporariesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_and_folders_of_ended_processes_are_deleted_and_all_others_stay()
    {
        using var ended = Process.Start("true");
        ended.WaitForExit();
        var own = Path.GetFileName(DeadTemporaries.NameFor("a.csv"));
        var (dead, numbered) = (OfEnded(own), OfEnded(Path.GetFileName(DeadTemporaries.NameFor("a"))));
        var foreign = $"a.csv.{ended.Id}-00000000.tmp";
        _folder.With($"x/{own}").With($"x/y/{dead}").With(numbered).With($"x/{foreign}").With("x/other.tmp").With("x/a.csv").With($"f{dead}/inner.png");
        Assert.Equal(3, DeadTemporaries.Delete(_folder.Root));
        string[] kept = [_folder["x"], _folder["x/a.csv"], _folder[$"x/{own}"], _folder[$"x/{foreign}"], _folder["x/other.tmp"], _folder["x/y"]];
        Assert.Equal(kept.Order(StringComparer.Ordinal), _folder.Entries.Order(StringComparer.Ordinal));
        Assert.Equal(0, DeadTemporaries.Delete(_folder["missing"]));

        string OfEnded(string name) => name.Replace($".{Environment.ProcessId}-", $".{ended.Id}-", StringComparison.Ordinal);
    }

    [Fact]
    public void A_temporary_folder_is_private_and_is_deleted_when_its_process_has_ended()
    {
        using var ended = Process.Start("true");
        ended.WaitForExit();
        var own = DeadTemporaries.CreateFolder("test");
        var dead = own.Replace($".{Environment.ProcessId}-", $".{ended.Id}-", StringComparison.Ordinal);
        try
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(own));
            Directory.CreateDirectory(Path.Combine(dead, "inner"));
            File.WriteAllText(Path.Combine(dead, "inner", "model.onnx"), "");
            Assert.True(DeadTemporaries.DeleteFolders() >= 1);
            Assert.False(Directory.Exists(dead));
            Assert.True(Directory.Exists(own));
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    [Fact]
    public void A_write_whose_folder_is_removed_reports_the_first_error()
    {
        var thrown = Assert.ThrowsAny<IOException>(() => WholeFile.Write(_folder["gone/a.csv"], _ =>
        {
            Directory.Delete(_folder["gone"], recursive: true);
            throw new IOException("No space left on device", 28);
        }));
        Assert.Equal(28, thrown.HResult);
    }

    [Fact]
    public void Two_threads_that_write_one_file_do_not_disturb_each_other()
    {
        using var bothOpen = new Barrier(2);
        Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, thread => WholeFile.Write(_folder["a.csv"], stream =>
        {
            stream.Write([.. Enumerable.Repeat((byte)('0' + thread), 1000)]);
            Assert.True(bothOpen.SignalAndWait(TimeSpan.FromMinutes(1)));
        }));
        Assert.Single(File.ReadAllText(_folder["a.csv"]).Distinct());
        Assert.Equal([_folder["a.csv"]], _folder.Entries);
    }
}
