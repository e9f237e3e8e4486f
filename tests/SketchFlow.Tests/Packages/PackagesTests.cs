using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ParquetSharp;
using SketchFlow.Inference;

namespace SketchFlow.Tests.Packages;

/// <summary>The packages as other programs use them: from a feed, outside the repository.</summary>
[Long]
public sealed partial class PackagesTests(LocalFeed feed) : IClassFixture<LocalFeed>
{
    private const int Timeout = 1_200_000;
    private const string AnyPort = "http://127.0.0.1:0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Every_stage_is_a_package_with_its_licence_documentation_and_symbols()
    {
        var stages = Directory.GetDirectories(Path.Combine(Repository.Root, "stages"), "SketchFlow.*").Select(s => Path.GetFileName(s)!);
        foreach (var stage in stages)
        {
            using var package = ZipFile.OpenRead(Path.Combine(feed.Packages, $"{stage}.0.1.0.nupkg"));
            var names = package.Entries.Select(e => e.FullName).ToList();
            Assert.Contains("README.md", names);
            Assert.Contains("THIRD-PARTY-NOTICES.md", names);
            Assert.Contains($"lib/net10.0/{stage}.dll", names);
            Assert.Contains($"lib/net10.0/{stage}.xml", names);
            Assert.True(File.Exists(Path.Combine(feed.Packages, $"{stage}.0.1.0.snupkg")));
            using var manifest = package.GetEntry($"{stage}.nuspec")!.Open();
            var metadata = XDocument.Load(manifest).Root!.Elements().First();
            string Value(string name) => metadata.Elements().Single(e => e.Name.LocalName == name).Value;
            Assert.Equal((stage, "0.1.0", "MIT"), (Value("id"), Value("version"), Value("license")));
            Assert.InRange(Value("description").Length, 40, 200);
            var dependencies = metadata.Descendants().Where(e => e.Name.LocalName == "dependency").Select(e => e.Attribute("id")!.Value).ToList();
            Assert.DoesNotContain(dependencies, d => d.Contains("official.runtime", StringComparison.Ordinal));
            Assert.DoesNotContain(dependencies, d => d.Contains("Analyzer", StringComparison.Ordinal));
            Assert.Equal(stage == "SketchFlow.Learning", dependencies.Exists(d => d is "TorchSharp" or "SketchFlow.Learning"));
            Assert.Equal(stage == "SketchFlow.Imaging", names.Contains("runtimes/linux-x64/native/libOpenCvSharpExtern.so"));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task The_program_of_the_README_runs_in_a_fresh_project()
    {
        var programs = await ProgramsOfReadmeAsync();
        feed.Dotnet(feed.Root, "new", "console", "-o", "fresh");
        File.Copy(feed.At("examples/nuget.config"), feed.At("fresh/nuget.config"));
        feed.Dotnet(feed.At("fresh"), "add", "package", "SketchFlow.Inference");
        await File.WriteAllTextAsync(feed.At("fresh/Program.cs"), programs[0], Cancellation);
        File.Copy(feed.Model, feed.At("fresh/model.onnx"));
        File.Copy(feed.Images[1], feed.At("fresh/cat.png"));
        Directory.CreateDirectory(feed.At("fresh/sketches"));
        File.Copy(feed.Images[0], feed.At("fresh/sketches/text.png"));
        File.Copy(feed.Images[1], feed.At("fresh/sketches/drawing.png"));
        var (exitCode, output, error) = feed.Run(feed.At("fresh"), "run");
        Assert.True(exitCode == 0, error);
        var expected = Expected(feed.Images[1]);
        Assert.StartsWith($"{expected.Name} ", output, StringComparison.Ordinal);
        Assert.Contains($"drawing.png: {expected.Name}\n", output, StringComparison.Ordinal);
        Assert.Matches("text.png: .*not an image", output);
    }

    [Fact]
    public void The_console_example_prints_an_answer_per_image()
    {
        var (exitCode, output, error) = feed.Run(feed.Root, [feed.Build("console"), feed.Model, .. feed.Images]);
        Assert.Equal(3, exitCode);
        var good = feed.Images.Except(Rejected, StringComparer.Ordinal).ToList();
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(good.Count, lines.Length);
        Assert.All(good.Zip(lines), pair => Assert.StartsWith($"{pair.First}: {Expected(pair.First).Name} ", pair.Second, StringComparison.Ordinal));
        Assert.Equal(feed.Images.Length - good.Count, error.TrimEnd().Split('\n').Length);
        Assert.Contains("There is no file missing.onnx", feed.Run(feed.Root, feed.Build("console"), "missing.onnx", "a.png").Error, StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task The_service_of_the_README_classifies_uploads_in_a_fresh_project()
    {
        var programs = await ProgramsOfReadmeAsync();
        feed.Dotnet(feed.Root, "new", "webapi", "-o", "upload", "--no-restore");
        File.Copy(feed.At("examples/nuget.config"), feed.At("upload/nuget.config"));
        feed.Dotnet(feed.At("upload"), "add", "package", "SketchFlow.Inference");
        await File.WriteAllTextAsync(feed.At("upload/Program.cs"), programs[1], Cancellation);
        File.Copy(feed.Model, feed.At("upload/model.onnx"));
        feed.Dotnet(feed.At("upload"), "build", "-c", "Release", "-v", "quiet", "--nologo", "-p:UseSharedCompilation=false");
        await AnswersUploadsAsync(feed.Start(feed.At("upload"), "bin/Release/net10.0/upload.dll", "--urls", AnyPort));
    }

    [Fact(Timeout = Timeout)]
    public Task The_web_example_classifies_uploads()
    {
        var program = feed.Build("web");
        return AnswersUploadsAsync(
            feed.Start(feed.Root, program, "--Model", feed.Model, "--urls", AnyPort),
            async client => Assert.Contains("guitar", await client.GetFromJsonAsync<string[]>("/classes", Cancellation) ?? []));
    }

    private async Task AnswersUploadsAsync(System.Diagnostics.Process started, Func<HttpClient, Task>? check = null)
    {
        using var server = started;
        try
        {
            using var client = new HttpClient { BaseAddress = await AddressAsync(server) };
            await (check?.Invoke(client) ?? Task.CompletedTask);
            using var good = await UploadAsync(client, feed.Images[1]);
            Assert.Equal(HttpStatusCode.OK, good.StatusCode);
            var top = JsonDocument.Parse(await good.Content.ReadAsStringAsync(Cancellation)).RootElement[0];
            var expected = Expected(feed.Images[1]);
            Assert.Equal(expected.Name, top.GetProperty("name").GetString());
            Assert.Equal(expected.Probability, top.GetProperty("probability").GetDouble(), 5);
            using var bad = await UploadAsync(client, feed.Images[0]);
            Assert.Equal(HttpStatusCode.UnprocessableEntity, bad.StatusCode);
            Assert.Contains("not an image", await bad.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(Cancellation);
        }
    }

    [Theory]
    [InlineData("image", "csv")]
    [InlineData("picture", "parquet")]
    public void The_Parquet_example_answers_every_row(string column, string format)
    {
        var (table, answers) = (feed.At($"{column}.parquet"), feed.At($"{column}-answers.{format}"));
        string[] files = [.. feed.Images.Where(File.Exists)];
        using (var file = new ParquetFileWriter(table, [new Column<byte[]>(column)]))
        {
            foreach (var part in files.Chunk(5))
            {
                using var group = file.AppendRowGroup();
                using var writer = group.NextColumn().LogicalWriter<byte[]>();
                writer.WriteBatch([.. part.Select(File.ReadAllBytes)]);
            }

            file.Close();
        }

        var (exitCode, output, error) = feed.Run(feed.Root, feed.Build("parquet"), feed.Model, table, answers, column);
        Assert.True(exitCode == 3, error);
        Assert.StartsWith($"{files.Length} rows, 3 without a class", output, StringComparison.Ordinal);
        var rows = format == "csv" ? ReadCsv(answers) : ReadParquet(answers);
        Assert.Equal(Enumerable.Range(0, files.Length), rows.Select(r => (int)r.Row));
        Assert.All(files.Zip(rows), pair => Assert.Equal(
            Rejected.Contains(pair.First, StringComparer.Ordinal) ? null : Expected(pair.First).Name, pair.Second.Class));
        Assert.All(rows, row => Assert.Equal(row.Class is null, row.Error is not null));
    }

    private static async Task<string[]> ProgramsOfReadmeAsync()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "stages", "SketchFlow.Inference", "Package", "README.md"), Cancellation);
        string[] programs = [.. CSharpBlock().Matches(readme).Select(block => block.Groups["code"].Value)];
        Assert.Equal(2, programs.Length);
        return programs;
    }

    private string[] Rejected => [.. feed.Images.Where(f => Path.GetFileName(f) is "text.png" or "cut.png" or "missing.png")];

    private ClassProbability Expected(string image)
    {
        using var classifier = SketchClassifier.Load(feed.Model);
        return classifier.Classify(image)[0];
    }

    private static List<(long Row, string? Class, string? Error)> ReadCsv(string file)
    {
        static string? Cell(string text) => text.Length == 0 ? null : text.Trim('"');
        return
        [
            .. File.ReadLines(file).Skip(1).Select(line => CsvLine().Match(line).Groups).Select(g => (
                long.Parse(g["row"].Value, CultureInfo.InvariantCulture), Cell(g["class"].Value), Cell(g["error"].Value))),
        ];
    }

    private static List<(long Row, string? Class, string? Error)> ReadParquet(string file)
    {
        using var reader = new ParquetFileReader(file);
        using var group = reader.RowGroup(0);
        var count = (int)group.MetaData.NumRows;
        T[] Read<T>(int column)
        {
            using var values = group.Column(column).LogicalReader<T>();
            return values.ReadAll(count);
        }

        return [.. Read<long>(0).Zip(Read<string?>(1), Read<string?>(3))];
    }

    private static async Task<HttpResponseMessage> UploadAsync(HttpClient client, string file)
    {
        using var form = new MultipartFormDataContent();
        form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(file, Cancellation)), "image", Path.GetFileName(file));
        return await client.PostAsync(new Uri("/classify", UriKind.Relative), form, Cancellation);
    }

    // The line of ASP.NET Core when it listens; what it prints later is read and forgotten, so that it never waits.
    private static async Task<Uri> AddressAsync(System.Diagnostics.Process server)
    {
        _ = server.StandardError.ReadToEndAsync(Cancellation);
        var printed = new System.Text.StringBuilder();
        while (await server.StandardOutput.ReadLineAsync(Cancellation) is { } line)
        {
            if (line.Split("Now listening on: ") is [_, var address])
            {
                _ = server.StandardOutput.ReadToEndAsync(Cancellation);
                return new Uri(address);
            }

            printed.AppendLine(line);
        }

        throw new InvalidOperationException($"The server ended before it listened: {printed}");
    }

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex("""^(?<row>\d+),(?<class>"[^"]*"|),[^,]*,(?<error>.*)$""", RegexOptions.ExplicitCapture)]
    private static partial Regex CsvLine();
}
