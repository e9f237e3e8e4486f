using BenchmarkDotNet.Running;

// dotnet run --project tests/SketchFlow.Benchmarks -- --filter '*Transforms*'
// dotnet run --project tests/SketchFlow.Benchmarks -- parquet damage FILE COUNT
if (args is ["parquet", .. var rest])
{
    return SketchFlow.Benchmarks.ParquetDamageTrial.Run(rest);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
