using SketchFlow.Pipeline.Recipes;

namespace SketchFlow.Tests.Pipeline.Recipes;

public class YamlJsonTests
{
    private const string Yaml = "a: 012\nb: [1.5, true, null, '']\nc: {d: 1e3, e: ~}";

    [Fact]
    public void Scalars_have_the_types_of_the_core_schema() =>
        Assert.Equal("""{"a":12,"b":[1.5,true,null,""],"c":{"d":1000,"e":null}}""", YamlJson.Read(Yaml, "text")!.ToJsonString());

    [Fact]
    public void Read_as_text_all_scalars_but_null_are_strings() =>
        Assert.Equal("""{"a":"012","b":["1.5","true",null,""],"c":{"d":"1e3","e":null}}""", YamlJson.ReadAsText(Yaml, "text")!.ToJsonString());
}
