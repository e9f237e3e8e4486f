using System.Text.Json;
using FsCheck.Xunit;
using SketchFlow.Data.Messages;

namespace SketchFlow.Tests.Data.Messages;

public class NonFiniteAsNullTests
{
    private static readonly JsonSerializerOptions _json = new() { Converters = { new NonFiniteAsNull<double>(), new NonFiniteAsNull<float>() } };

    [Fact]
    public void Numbers_that_are_not_finite_are_null_wherever_they_are()
    {
        var value = new
        {
            a = double.NaN,
            b = (double?)double.PositiveInfinity,
            c = (double?)null,
            d = float.NegativeInfinity,
            e = (object)double.NaN,
            f = new Dictionary<string, double>(StringComparer.Ordinal) { ["x"] = double.NaN, ["y"] = 1.5 },
            g = new float?[] { 0.1f, float.NaN },
        };
        Assert.Equal("""{"a":null,"b":null,"c":null,"d":null,"e":null,"f":{"x":null,"y":1.5},"g":[0.1,null]}""", JsonSerializer.Serialize(value, _json));
        Assert.Equal([double.NaN, 2], JsonSerializer.Deserialize<double[]>("[null,2]", _json)!);
    }

    [Property]
    public bool Finite_numbers_survive_a_round_trip(double value) =>
        !double.IsFinite(value) || JsonSerializer.Deserialize<double>(JsonSerializer.Serialize(value, _json), _json) == value;
}
