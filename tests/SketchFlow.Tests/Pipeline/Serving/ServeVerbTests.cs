using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;
using SketchFlow.Tests.Pipeline.Cli;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The verb serve as people use it, with random weights.</summary>
public sealed class ServeVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ServeVerbTests() => UntrainedRun.Write(Artifacts, "one", "cat", "dog, or so", "emu");

    private string Artifacts => _folder["artifacts"];

    [Theory]
    [InlineData(ServedProgram.SigTerm)]
    [InlineData(2)]
    public async Task It_answers_as_classify_does_and_a_signal_ends_it_in_order(int signal)
    {
        var file = _folder["sketch.png"];
        await File.WriteAllBytesAsync(file, ServedImages.Sketch(3), TestContext.Current.CancellationToken);
        using var served = ServedProgram.Start(Artifacts, "--run", "one", "--engine", "torch");
        const string Address = @"http://127\.0\.0\.1:\d+";
        Assert.Matches($@"^{Address} answers with the run one \(3 classes, torch on cpu\)\. Draw at {Address}/draw; Ctrl-C stops\.$", served.Line);
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        using var response = await served.Client.PostAsync(new Uri("/predict", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var classified = JsonSerializer.Deserialize<JsonElement>(ProgramRunner.Run(Artifacts, "classify", "--run", "one", "--jsonl", file).Output);
        Assert.Equal(classified.GetProperty("top").GetRawText(), answer.GetProperty("top").GetRawText());
        var end = served.Stop(signal);
        Assert.Equal((0, "Stopped; the 1 request was answered."), (end.ExitCode, end.Output.Trim()));
        Assert.Equal("Stopping after the answers to all accepted requests; Ctrl-C again ends immediately.", end.Error.Trim());
    }

    [Fact]
    public async Task Without_a_model_it_shows_the_reports_and_loads_no_libtorch()
    {
        ServedSite.WriteRun(Artifacts, "one", 2);
        using var served = ServedProgram.Start(Artifacts);
        Assert.Matches(@"^http://127\.0\.0\.1:\d+ shows the reports of .*artifacts\. With --run NAME it also takes images; Ctrl-C stops\.$", served.Line);
        var page = await served.Client.GetStringAsync(new Uri("/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Contains("runs/one/index.html", page, StringComparison.Ordinal);
        var libraries = await File.ReadAllTextAsync($"/proc/{served.Process.Id}/maps", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("libtorch", libraries, StringComparison.Ordinal);
        var end = served.Stop(ServedProgram.SigTerm);
        Assert.Equal((0, "Stopped."), (end.ExitCode, end.Output.Trim()));
        Assert.Equal("Stopping; Ctrl-C again ends immediately.", end.Error.Trim());
    }

    [Fact]
    public void Without_an_engine_the_faster_one_answers()
    {
        using var served = ServedProgram.Start(Artifacts, "--run", "one");
        Assert.Matches(@"3 classes, (torch|ONNX Runtime) on cpu", served.Line);
        Assert.Matches(@"engine: (libtorch|ONNX Runtime); images/s with batches of 1: ", served.Stop(ServedProgram.SigTerm).Error);
    }

    [Fact]
    public void A_port_in_use_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var result = ProgramRunner.Run(Artifacts, "serve", "--run", "one", "--engine", "torch", "--port", $"{port}");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(
            $"Port {port} of 127.0.0.1 is in use by another program; choose another with --port, or --port 0 for any that is free.", result.Error.Trim());
    }

    [Theory]
    [InlineData("0.0.0.0 is open to other computers, and --token is missing", "--listen", "0.0.0.0")]
    [InlineData("--listen is nowhere, expected an address of this computer", "--listen", "nowhere")]
    [InlineData("--port is 70000, expected a number from 0 to 65535.", "--port", "70000")]
    [InlineData("--max-queue is 0, expected 1 or more.", "--max-queue", "0")]
    [InlineData("--rate is -1, expected 1 or more.", "--rate", "-1")]
    [InlineData("--max-delay is -1, expected milliseconds from 0 to 10000.", "--max-delay", "-1")]
    [InlineData("--token is empty", "--token", "")]
    public void Wrong_usage_is_refused_with_a_sentence(string sentence, params string[] arguments)
    {
        var result = ProgramRunner.Run(Artifacts, ["serve", "--run", "one", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output.Trim());
    }

    public void Dispose() => _folder.Dispose();
}
