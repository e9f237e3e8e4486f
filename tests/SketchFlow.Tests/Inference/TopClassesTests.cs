using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Inference;

namespace SketchFlow.Tests.Inference;

public class TopClassesTests
{
    [Fact]
    public void They_are_the_first_of_all_classes_sorted() => Prop.ForAll(
        Gen.Choose(0, 5).ArrayOf(20).Where(a => a.Length > 0).Zip(Gen.Choose(1, 25)).ToArbitrary(),
        given =>
        {
            // Few values, so that there are ties.
            var (values, count) = given;
            double[] probabilities = [.. values.Select(v => v / 5.0)];
            var predicted = Array.LastIndexOf(probabilities, probabilities.Max());
            var sorted = Enumerable.Range(0, values.Length).OrderByDescending(c => c == predicted).ThenByDescending(c => probabilities[c]).ThenBy(c => c);
            Assert.Equal(sorted.Take(count), TopClasses.Select(probabilities, predicted, count));
        }).QuickCheckThrowOnFailure();
}
