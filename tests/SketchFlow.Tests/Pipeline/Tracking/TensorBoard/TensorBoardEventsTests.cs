using System.Text;
using FsCheck;
using FsCheck.Xunit;
using SketchFlow.Pipeline.Tracking.TensorBoard;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Tracking.TensorBoard;

public class TensorBoardEventsTests
{
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
}
