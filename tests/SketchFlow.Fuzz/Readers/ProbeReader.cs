using SketchFlow.Data.Outcomes;
using SketchFlow.Fuzz.Formats;

namespace SketchFlow.Fuzz.Readers;

/// <summary>
/// Does what its input says, so that the watch over readers can be tested. It is no reader of the program and not among <see cref="Reader.All"/>.
/// </summary>
public sealed class ProbeReader() : Reader(ProbeName, InputFormat.Bytes)
{
    /// <summary>Name of the reader.</summary>
    public const string ProbeName = "probe";

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder) => ["value"u8.ToArray()];

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        switch (System.Text.Encoding.ASCII.GetString(input))
        {
            case "refusal":
                throw new RefusalException("It is refused; give another.");
            case "rejection":
                return "it is rejected";
            case "type":
                return "it is rejected by System.FormatException";
            case "no text":
                return "";
            case "exception":
                throw new InvalidOperationException("x");
            case "crash":
                Environment.FailFast("x");
                return null;
            case "overflow":
                return Overflow(1);
            case "hang":
                while (true)
                {
                }

            case "memory":
                var parts = Enumerable.Range(0, 40).Select(_ => GC.AllocateArray<byte>(10 << 20)).ToList();
                parts.ForEach(p => Array.Fill(p, (byte)1));
                return parts.Count == 0 ? "" : null;
            case "print":
                Console.WriteLine("text on standard output");
                Console.Error.WriteLine("text on standard error");
                return null;
            default:
                return null;
        }
    }

    private static string Overflow(int depth) => Overflow(depth + 1) + depth;
}
