using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Experiments.Studies;

namespace SketchFlow.Fuzz.Readers.Runs;

/// <summary>The table of a study, from which a repeated study takes what is done.</summary>
public sealed class StudyTableReader() : FileReader("study-csv", new TextParts(), "s.csv")
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) =>
    [
        """
        setting,seed,says,val_loss,val_accuracy,seconds,epochs,state,run,recipe,reason
        base,1,x,0.5,0.75,10.0,3,finished,r-1,abc,
        b,2,y,,,1.0,0,failed,r-2,abc,out of memory

        """u8.ToArray(),
    ];

    /// <inheritdoc/>
    protected override string? ReadFile(string path, string folder) => StudyTable.Read(path).IsEmpty ? "no rows" : null;
}
