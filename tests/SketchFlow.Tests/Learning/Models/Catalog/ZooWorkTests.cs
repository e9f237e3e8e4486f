using System.Globalization;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Models.Profiling;

namespace SketchFlow.Tests.Learning.Models.Catalog;

public class ZooWorkTests
{
    private const string Header =
        "# Multiply-adds of each architecture for one image at its default size, and those without attention. Written by ZooWorkTests.\n";

    [Fact]
    public void The_kept_work_is_that_of_the_recorded_passes()
    {
        var counted = Zoo.Names.AsParallel().AsOrdered()
            .Select(name => (Name: name, Count: FlopCounter.Count(Zoo.Build(name))))
            .Select(p => (p.Name, Work: new ArchitectureWork(p.Count.MultiplyAdds, p.Count.MultiplyAddsWithoutAttention))).ToList();
        if (Environment.GetEnvironmentVariable("SKETCHFLOW_APPROVE") == "1")
        {
            var rows = counted.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Name}\t{c.Work.MultiplyAdds}\t{c.Work.WithoutAttention}\n"));
            File.WriteAllText(Path.Combine(Repository.Root, "stages/SketchFlow.Learning/Models/Catalog/work.tsv"), Header + string.Concat(rows));
            return;
        }

        Assert.All(counted, c => Assert.Equal(c.Work, ZooWork.Of(c.Name)));
        Assert.Throws<ArgumentException>(() => ZooWork.Of("resnet19"));
    }
}
