using BenchmarkDotNet.Running;

// dotnet run --project tests/SketchFlow.Benchmarks -- --filter '*Transforms*'
// dotnet run --project tests/SketchFlow.Benchmarks -- parquet damage FILE COUNT
// dotnet run --project tests/SketchFlow.Benchmarks -- inference FOLDER SECONDS BATCH NAME…
if (args is ["parquet", .. var rest])
{
    return SketchFlow.Benchmarks.ParquetDamageTrial.Run(rest);
}

if (args is ["inference", .. var networks])
{
    return SketchFlow.Benchmarks.InferenceLatency.Run(networks);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
