using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline.Loading;

public class DataSourceTests
{
    private static readonly Lazy<DataSet> Sketchy = new(() => DataSetReader.Read(Path.Combine(Reference.Folder, "data", "sketchy125")));

    [Fact]
    public void A_recipe_keeps_the_photos_of_sketchy_together_in_split_and_folds_and_says_so()
    {
        var lines = new List<string>();
        var photos = Sketchy.Value.TrainColumns.Single().Values;
        foreach (var settings in (string[][])[[], ["data.folds=5", "data.fold=2"]])
        {
            var (train, validation) = DataSource.Split(Sketchy.Value, Recipe(["data.group.column=photo", .. settings]), lines.Add);
            Assert.Empty(train.Select(s => photos[(int)s.Id]).Intersect(validation.Select(s => photos[(int)s.Id]), StringComparer.Ordinal));
            Assert.Equal(Sketchy.Value.Train.Length, train.Count + validation.Count);
        }

        Assert.Equal("split: 2144 of 2144 images in 373 groups by column photo", lines[0]);
        Assert.Matches(@"^split: \d\d of 125 classes have no validation image, since they have few groups$", lines[1]);
    }

    [Fact]
    public void A_pattern_groups_file_names_of_any_layout()
    {
        using var folder = new SketchFolder();
        for (var i = 0; i < 12; i++)
        {
            folder.With($"dog/photo{i / 3}-{i}.png", i).With($"horse/photo{4 + (i / 3)}-{i}.png", i);
        }

        var data = DataSetReader.Read(folder.Root);
        var (train, validation) = DataSource.Split(data, Recipe(@"data.group.pattern=^photo(\d+)-", "data.validation=0.4"));
        static string Photo(Sample s) => s.ImagePath.Split('/')[1].Split('-')[0];
        Assert.Empty(train.Select(Photo).Intersect(validation.Select(Photo), StringComparer.Ordinal));
        Assert.NotEmpty(validation);
        Assert.Contains(
            "such as photo0-0.png", Assert.Throws<RefusalException>(() => DataSource.Split(data, Recipe("data.group.pattern=^x"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Twins_keep_copies_together_in_every_split_and_images_that_cannot_be_read_are_groups_of_their_own()
    {
        using var folder = new SketchFolder();
        for (var i = 0; i < 6; i++)
        {
            folder.With($"dog/{i}.png", i).With($"dog/{i}-m.png", i, mirrored: true).With($"horse/{i}.png", i);
        }

        File.WriteAllText(Path.Combine(folder.Root, "horse", "damaged.png"), "no image");
        var (data, lines) = (DataSetReader.Read(folder.Root), new List<string>());
        for (var seed = 1; seed <= 5; seed++)
        {
            var (train, validation) = DataSource.Split(data, Recipe("data.group=twins", "data.validation=0.4", $"data.split_seed={seed}"), lines.Add);
            static string Number(Sample s) => Path.GetFileNameWithoutExtension(s.ImagePath).Split('-')[0];
            static IEnumerable<string> Dogs(IEnumerable<Sample> part) => part.Where(s => s.Target == 0).Select(Number);
            Assert.Empty(Dogs(train).Intersect(Dogs(validation), StringComparer.Ordinal));
        }

        Assert.Contains(
            "split: 12 of 19 images in 6 groups by twins (exact, near and mirrored copies); 7 without a group are groups of their own", lines);
    }

    [Fact]
    public void Two_seeds_of_one_recipe_share_their_validation_images_unless_the_split_seed_is_null()
    {
        IEnumerable<string> Validation(params string[] settings) => DataSource.Split(Sketchy.Value, Recipe(settings)).Validation.Select(s => s.ImagePath);
        Assert.Equal(Validation("seed=1"), Validation("seed=2"));
        Assert.NotEqual(Validation("seed=1", "data.split_seed=null"), Validation("seed=2", "data.split_seed=null"));
        Assert.Equal(Validation("seed=2", "data.split_seed=null"), Validation("data.split_seed=2"));
        Assert.NotEqual(Validation(), Validation("data.split_method=rows"));
    }

    [Fact]
    public void Rows_without_a_label_are_never_validated_on_but_stay_rejected_rows()
    {
        static Sample Row(int id, string split, int? target) =>
            new(id, $"{split}{id}.png", $"/{split}{id}.png", target) { Fault = target is null ? "no label" : null };
        var data = new DataSet
        {
            Name = "d",
            Root = "/d",
            Layout = DataSetLayout.Folders,
            Classes = ["a", "b"],
            Train = [.. Enumerable.Range(0, 100).Select(i => Row(i, "t", i % 3 == 2 ? null : i % 3))],
        };
        var (train, validation) = DataSource.Split(data, Recipe());
        Assert.All(validation, s => Assert.NotNull(s.Target));
        Assert.Equal(33, train.Count(s => s.Fault == "no label"));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), train.Concat(validation).Select(s => s.Id).Order());

        data = data with { Validation = [Row(0, "v", 1), Row(1, "v", null), Row(2, "v", 0)] };
        (train, validation) = DataSource.Split(data, Recipe());
        Assert.Equal(["v0.png", "v2.png"], validation.Select(s => s.ImagePath));
        Assert.Equal((101, 101L), (train.Count, train[^1].Id));
    }

    private static Recipe Recipe(params string[] settings) => RecipeFile.Load(RecipeFile.Find("resnet18"), settings);
}
