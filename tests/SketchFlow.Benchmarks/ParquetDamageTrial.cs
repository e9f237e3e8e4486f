using System.Diagnostics;
using System.Globalization;
using SketchFlow.Data.Files.Parquet;
using SketchFlow.Scoring.Tables;

namespace SketchFlow.Benchmarks;

/// <summary>Reads logits tables and damaged Parquet files: speed, memory, hangs and crashes. The figures are in docs/measurements/libraries.md.</summary>
/// <remarks>
/// <code>
/// parquet make FOLDER         writes 12 tables of 3,000 × 500 random logits
/// parquet read FOLDER         reads them on all cores: seconds, growth and peak of the resident set
/// parquet damage FILE COUNT   reads COUNT damaged copies of a table or shard in child processes
/// </code>
/// </remarks>
internal static class ParquetDamageTrial
{
    private const int Rows = 3000;
    private const int Classes = 500;
    private const int MostSeconds = 5;

    /// <summary>Runs one of the commands above.</summary>
    public static int Run(string[] arguments)
    {
        switch (arguments)
        {
            case ["make", var folder]:
                Make(folder);
                return 0;
            case ["read", var folder]:
                Measure([.. Directory.EnumerateFiles(folder, "*.parquet").Order(StringComparer.Ordinal)]);
                return 0;
            case ["damage", var file, var count]:
                Damage(file, int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            case ["damaged", var file, var first, var count]:
                ReadDamaged(file, int.Parse(first, CultureInfo.InvariantCulture), int.Parse(count, CultureInfo.InvariantCulture));
                return 0;
            default:
                Console.Error.WriteLine("Expected make, read or damage; see ParquetDamageTrial.cs.");
                return 2;
        }
    }

    private static void Make(string folder)
    {
        for (var m = 0; m < 12; m++)
        {
            var random = new Random(m);
            var metadata = new LogitsMetadata
            {
                Model = "synthetic",
                Run = $"model-{m:00}",
                ClassNames = [.. Enumerable.Range(0, Classes).Select(c => $"class-{c:000}")],
                Dataset = "synthetic",
                Split = "val",
            };
            using var writer = new LogitsWriter(Path.Combine(folder, $"model-{m:00}.parquet"), metadata);
            var logits = new float[Classes];
            for (var row = 0; row < Rows; row++)
            {
                foreach (ref var x in logits.AsSpan())
                {
                    x = (float)((random.NextDouble() * 8) - 4);
                }

                writer.Append(row, $"val/{row}.png", random.Next(Classes), logits);
            }

            writer.Complete();
        }
    }

    private static void Measure(string[] files)
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        File.WriteAllText("/proc/self/clear_refs", "5");
        var before = Status("VmRSS:");
        var clock = Stopwatch.StartNew();
        var tables = new object[files.Length];
        Parallel.For(0, files.Length, i => tables[i] = LogitsReader.Read(files[i]));
        var seconds = clock.Elapsed.TotalSeconds;
        var (after, peak) = (Status("VmRSS:"), Status("VmHWM:"));
        GC.KeepAlive(tables);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds:0.000} s, grew {after - before:0} MB, peak {peak - before:0} MB"));
    }

    private static double Status(string key) =>
        double.Parse(
            File.ReadLines("/proc/self/status").First(l => l.StartsWith(key, StringComparison.Ordinal))[key.Length..]
                .Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture) / 1024;

    /// <summary>Reads every column and returns the outcome in words.</summary>
    private static string Outcome(string path)
    {
        try
        {
            using var file = ParquetFile.Open(path);
            for (var g = 0; g < file.RowGroups; g++)
            {
                foreach (var column in file.Columns)
                {
                    Read(file, g, column);
                }
            }

            return "read";
        }
        catch (InvalidDataException)
        {
            return "refused";
        }
    }

    private static void Read(ParquetFile file, int group, ParquetColumn column)
    {
        switch (column.Type)
        {
            case ParquetColumnType.String or ParquetColumnType.Bytes when column.MaxRepetition == 0:
                file.ReadBytes(group, column);
                break;
            case ParquetColumnType.Int32 or ParquetColumnType.UInt32 or ParquetColumnType.Int64 or ParquetColumnType.UInt64 when column.MaxRepetition == 0:
                file.ReadIntegers(group, column);
                break;
            case ParquetColumnType.Single:
                using (var chunk = file.OpenChunk<float>(group, column))
                {
                    var (values, definitions, repetitions) = (new float[1024], new short[1024], new short[1024]);
                    for (var left = file.ValuesIn(group, column); left > 0;)
                    {
                        left -= chunk.ReadBatch(values, definitions, repetitions, out _);
                    }
                }

                break;
        }
    }

    /// <summary>Damages a file: one to three flipped bits or overwritten bytes, half of them in the footer and the first page headers.</summary>
    private static byte[] Mutant(byte[] bytes, int seed)
    {
        var random = new Random(seed);
        var damaged = (byte[])bytes.Clone();
        var footer = BitConverter.ToInt32(bytes, bytes.Length - 8);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(3) switch
            {
                0 => bytes.Length - 1 - random.Next(footer + 8),
                1 => random.Next(Math.Min(400, bytes.Length)),
                _ => random.Next(bytes.Length),
            };
            damaged[at] = random.Next(2) == 0 ? (byte)(damaged[at] ^ (1 << random.Next(8))) : (byte)random.Next(256);
        }

        return damaged;
    }

    private static void ReadDamaged(string file, int first, int count)
    {
        var bytes = File.ReadAllBytes(file);
        var path = Path.Combine(Path.GetTempPath(), $"damaged-{Environment.ProcessId}.parquet");
        for (var seed = first; seed < first + count; seed++)
        {
            File.WriteAllBytes(path, Mutant(bytes, seed));
            Console.WriteLine($"begin {seed}");
            var outcome = Outcome(path);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"end {seed} {Status("VmHWM:"):0} {outcome}"));
            File.WriteAllText("/proc/self/clear_refs", "5");
        }

        File.Delete(path);
    }

    /// <summary>Starts child processes that read damaged copies one after another; a hang of 5 s is killed, and the next child continues after it.</summary>
    private static void Damage(string file, int count)
    {
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var largest = 0.0;
        for (var next = 0; next < count;)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            string[] self = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? [Environment.GetCommandLineArgs()[0]] : [];
            foreach (var argument in (string[])[.. self, "parquet", "damaged", file, $"{next}", $"{count - next}"])
            {
                start.ArgumentList.Add(argument);
            }

            using var child = Process.Start(start)!;
            child.ErrorDataReceived += (_, _) => { };
            child.BeginErrorReadLine();
            var at = next;
            string? failure = null;
            while (true)
            {
                var line = child.StandardOutput.ReadLineAsync();
                if (!line.Wait(TimeSpan.FromSeconds(MostSeconds)))
                {
                    child.Kill();
                    failure = "HANG";
                    break;
                }

                if (line.Result is not { } text)
                {
                    break;
                }

                var words = text.Split(' ');
                if (words[0] == "begin")
                {
                    at = int.Parse(words[1], CultureInfo.InvariantCulture);
                }
                else
                {
                    var memory = double.Parse(words[2], CultureInfo.InvariantCulture);
                    largest = Math.Max(largest, memory);
                    var key = string.Join(' ', words[3..]) + (memory > 1000 ? " above 1 GB" : "");
                    outcomes[key] = outcomes.GetValueOrDefault(key) + 1;
                    next = at + 1;
                }
            }

            child.WaitForExit();
            if (next < count)
            {
                failure ??= $"CRASH {child.ExitCode}";
                outcomes[failure] = outcomes.GetValueOrDefault(failure) + 1;
                Console.WriteLine($"{failure} at seed {at}");
                next = at + 1;
            }
        }

        Console.WriteLine($"{Path.GetFileName(file)}: {string.Join(", ", outcomes.Select(o => $"{o.Key}: {o.Value}"))}; largest process {largest:0} MB");
    }
}
