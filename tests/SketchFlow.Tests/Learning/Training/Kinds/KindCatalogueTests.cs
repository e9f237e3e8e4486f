using System.Text;
using SketchFlow.Learning.Training.Kinds;

namespace SketchFlow.Tests.Learning.Training.Kinds;

/// <summary>The reference page of losses, optimisers and schedules is written from the source.</summary>
public class KindCatalogueTests
{
    [Fact]
    public void The_reference_page_lists_every_kind_with_its_keys_defaults_and_ranges()
    {
        var page = new StringBuilder("# Losses, optimisers and schedules\n\nThis page is generated: `SKETCHFLOW_APPROVE=1 make test` writes it.\n");
        foreach (var section in KindCatalogue.All().GroupBy(k => k.Section))
        {
            page.Append("\n## ").Append(section.Key).Append("\n\n").Append(KindCatalogue.Markdown(section));
        }

        ApprovedText.Matches(Path.Combine(Repository.Root, "docs", "reference", "kinds.md"), page.ToString());
    }
}
