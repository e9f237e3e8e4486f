using System.Text;
using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Tracking.TensorBoard;
using SketchFlow.Pipeline.Training;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

public class TensorBoardTrackerTests
{
    [Fact]
    public void The_checksum_has_the_check_value_of_CRC_32C()
    {
        Assert.Equal(0xE3069283u, EventFile.Crc(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(EventFile.Masked(Encoding.ASCII.GetBytes("123456789")), TfRecords.MaskedCrc(Encoding.ASCII.GetBytes("123456789")));
    }

    [Property]
    public bool The_checksum_of_any_bytes_equals_that_of_long_division(byte[] data) => EventFile.Masked(data) == TfRecords.MaskedCrc(data);

    [Property(MaxTest = 30)]
    public bool Logged_values_are_found_by_an_independent_reader(NormalFloat[] values, NonEmptyString tag, NonNegativeInt step)
    {
        using var folder = new TemporaryFolder();
        // Lone surrogates have no UTF-8.
        var name = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(tag.Get));
        string path;
        using (var events = new TensorBoardEvents(folder.Root))
        {
            path = events.Path;
            foreach (var value in values)
            {
                events.Scalars(step.Get, [(name, value.Get), ("other", 1)]);
            }

            events.Text("recipe", name);
        }

        var read = EventFile.Read(path);
        return read[0].FileVersion == "brain.Event:2"
            && read.Count == values.Length + 2
            && read.Skip(1).Take(values.Length).Zip(values, (found, value) => IsLogged(found, (float)value.Get)).All(isLogged => isLogged)
            && read[^1].Texts["recipe/text_summary"] == name;

        bool IsLogged(Event found, float value) =>
            found.Step == step.Get && found.Scalars.Last().Value == 1 && (name == "other" || found.Scalars[name].Equals(value));
    }

    [Fact]
    public void A_resumed_run_discards_the_steps_that_it_repeats()
    {
        using var folder = new TemporaryFolder();
        using var events = new TensorBoardEvents(folder.Root, purge: 3);
        var read = EventFile.Read(events.Path);
        Assert.Equal(("brain.Event:2", 3L), (read[0].FileVersion, read[0].Step));
        Assert.True(read[1].SessionStart);
        Assert.Equal(3, read[1].Step);
    }

    [Fact]
    public void Two_files_created_in_the_same_second_have_different_names_that_TensorBoard_recognises()
    {
        using var folder = new TemporaryFolder();
        using var one = new TensorBoardEvents(folder.Root);
        using var two = new TensorBoardEvents(folder.Root);
        Assert.NotEqual(one.Path, two.Path);
        Assert.All([one.Path, two.Path], p => Assert.Contains("tfevents", Path.GetFileName(p), StringComparison.Ordinal));
    }

    [Fact]
    public void Every_column_of_the_metrics_becomes_a_scalar_and_the_recipe_a_text()
    {
        using var run = new FakeRun();
        using (var tracker = new TensorBoardTracker(_ => { }))
        {
            tracker.Started(run.Start());
            run.Epoch(tracker, 0.5);
            run.Epoch(tracker, 0.75);
            tracker.Ended(RunEnd.Complete, null);
        }

        var read = EventFile.Read(Directory.GetFiles(run.Folder.Folder, "events.*").Single());
        var metrics = MetricsTable.ReadRun(run.Folder);
        Assert.Equal([1L, 2], read.Where(e => e.Scalars.Count > 0).Select(e => e.Step));
        Assert.Equal(metrics.Values(metrics.Rows[1]).Select(v => v.Name).Order(), read[^1].Scalars.Keys.Order());
        Assert.Superset(new HashSet<string>(["val_loss", "train_loss", "learning_rate", "images_per_second"]), read[^1].Scalars.Keys.ToHashSet());
        Assert.Equal(0.75f, read[^1].Scalars["val_accuracy"]);
        Assert.Contains("architecture: resnet18", read.SelectMany(e => e.Texts).Single().Value, StringComparison.Ordinal);
    }
}
