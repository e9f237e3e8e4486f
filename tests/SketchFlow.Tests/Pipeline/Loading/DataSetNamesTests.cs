using SketchFlow.Data.Datasets;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Loading;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Scoring.Tables;
using SketchFlow.Tests.Data.Files;

namespace SketchFlow.Tests.Pipeline.Loading;

public class DataSetNamesTests
{
    [Fact]
    public void A_second_data_set_of_the_same_folder_name_and_other_classes_has_a_name_of_its_own()
    {
        using var folder = new TemporaryFolder();
        var names = new DataSetNames(new Artifacts(folder.Root));
        var (first, second, copy) = (Data("/one/pets", "cat", "dog"), Data("/two/pets", "ant", "bee"), Data("/three/pets", "dog", "cat"));
        Assert.Equal("pets", names.Resolve(first).Name);
        var name = names.Resolve(second).Name;
        Assert.Matches("^pets-[0-9a-f]{8}$", name);
        Assert.Equal("pets", names.Resolve(copy).Name);

        // Names last, and do not depend on the order in which the data sets are opened again.
        var later = new DataSetNames(new Artifacts(folder.Root));
        Assert.Equal(name, later.Resolve(second).Name);
        Assert.Equal("pets", later.Resolve(first).Name);
        Assert.Equal(name, later.Find("/two/pets"));
    }

    [Fact]
    public void The_encoding_of_a_data_set_is_remembered_for_the_commands_without_a_recipe()
    {
        using var folder = new TemporaryFolder().WithFolder("pets/train");
        File.WriteAllText(
            folder["pets/train.csv"], "class_name,image_path,target\nthé,1.png,0\nb,2.png,1\n", SketchFlow.Data.Encodings.TextEncodings.Find("windows-1252"));
        var names = new DataSetNames(new Artifacts(folder["artifacts"]));
        var (windows, latin) = (new DataSetOptions { Encoding = "windows-1252" }, new DataSetOptions { Encoding = "latin1" });
        Assert.Throws<RefusalException>(() => names.Read(folder["pets"]));
        var data = names.Resolve(names.Read(folder["pets"], windows), windows);
        Assert.Equal(["thé", "b"], data.Classes);
        Assert.Equal(["thé", "b"], names.Read(folder["pets"]).Classes);
        Assert.Contains("\"encoding\": \"windows-1252\"", File.ReadAllText(folder["artifacts/datasets.json"]), StringComparison.Ordinal);

        // Another one replaces it, and other data sets have none.
        names.Resolve(names.Read(folder["pets"], latin), latin);
        names.Resolve(Data("/one/dogs", "cat", "dog"));
        Assert.Equal(1, File.ReadAllText(folder["artifacts/datasets.json"]).Split("\"encoding\"").Length - 1);
    }

    [Fact]
    public void Added_images_and_added_classes_change_no_name()
    {
        using var folder = new TemporaryFolder();
        var names = new DataSetNames(new Artifacts(folder.Root));
        names.Resolve(Data("/one/pets", "cat", "dog"));
        Assert.Equal("pets", names.Resolve(Data("/one/pets", "cat", "cow", "dog")).Name);
    }

    [Fact]
    public void Tables_of_an_older_version_keep_the_name_of_their_data_set()
    {
        using var folder = new TemporaryFolder();
        var artifacts = new Artifacts(folder.Root);
        var metadata = new LogitsMetadata { Model = "m", Run = "old", ClassNames = ["cat", "dog"], Dataset = "pets", Split = "val" };
        using (var writer = new LogitsWriter(metadata.PathBelow(artifacts.Logits), metadata))
        {
            writer.Append(0, "0.png", 0, [1f, 0f]);
            writer.Complete();
        }

        Assert.Matches("^pets-[0-9a-f]{8}$", new DataSetNames(artifacts).Resolve(Data("/new/pets", "ant", "bee")).Name);
        Assert.Equal("pets", new DataSetNames(artifacts).Resolve(Data("/old/pets", "cat", "dog")).Name);
    }

    [Fact]
    public void A_damaged_list_of_names_is_refused_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Root, "datasets.json"), "[{\"name\": null}]");
        var refused = Assert.Throws<RefusalException>(() => new DataSetNames(new Artifacts(folder.Root)).Resolve(Data("/one/pets", "cat")));
        Assert.Contains("datasets.json", refused.Message, StringComparison.Ordinal);
    }

    private static DataSet Data(string root, params string[] classes) => new()
    {
        Name = Path.GetFileName(root),
        Root = root,
        Layout = DataSetLayout.Folders,
        Classes = [.. classes],
        Train = [new Sample(0, "0.png", root + "/0.png", 0)],
    };
}
