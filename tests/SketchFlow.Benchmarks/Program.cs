using BenchmarkDotNet.Running;

// dotnet run --project tests/SketchFlow.Benchmarks -- --filter '*Transforms*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
