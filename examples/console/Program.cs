using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;

if (args.Length < 2)
{
    Console.Error.WriteLine("Usage: console MODEL.onnx IMAGE...");
    return 2;
}

try
{
    using var classifier = SketchClassifier.Load(args[0], new SketchClassifierOptions { Top = 3 });
    var rejected = 0;
    foreach (var answer in classifier.ClassifyMany(args[1..]))
    {
        if (answer.Error is not null)
        {
            Console.Error.WriteLine($"{answer.Name}: {answer.Error}");
            rejected++;
        }
        else
        {
            Console.WriteLine($"{answer.Name}: {string.Join(", ", answer.Top)}");
        }
    }

    return rejected == 0 ? 0 : 3;
}
catch (RefusalException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
