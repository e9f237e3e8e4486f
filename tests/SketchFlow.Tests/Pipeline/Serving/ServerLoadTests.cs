using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The program under load: nothing is lost, and memory does not grow.</summary>
[Long]
public sealed class ServerLoadTests : IDisposable
{
    private const int Clients = 8;

    private readonly TemporaryFolder _folder = new();
    private readonly byte[][] _good = [.. Enumerable.Range(0, 10).Select(ServedImages.Sketch)];

    public ServerLoadTests() => UntrainedRun.Write(Artifacts, "one", "cat", "dog, or so", "emu");

    private string Artifacts => _folder["artifacts"];

    [Fact(Timeout = 600_000)]
    public async Task A_thousand_requests_of_which_some_are_bad_have_the_right_status_each()
    {
        using var served = ServedProgram.Start(Artifacts, "--run", "one");
        var statuses = await PostAsync(served, 1000);
        Assert.Equal(1000, statuses.Count);
        Assert.All(statuses, s => Assert.Equal(s.Expected, s.Got));
        Assert.Equal(50, statuses.Count(s => s.Expected != 200));
        var end = served.Stop(ServedProgram.SigTerm);
        Assert.Equal((0, "Stopped; all 1,000 requests were answered."), (end.ExitCode, end.Output.Trim()));
    }

    [Fact(Timeout = 1_200_000)]
    public async Task Memory_is_flat_over_ten_thousand_requests()
    {
        using var served = ServedProgram.Start(Artifacts, "--run", "one");
        await PostAsync(served, 2000);
        var first = served.Resident;
        var watch = Stopwatch.StartNew();
        var sizes = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            await PostAsync(served, 2000);
            sizes.Add(served.Resident);
        }

        var megabytes = string.Join(", ", sizes.Prepend(first).Select(s => s >> 20));
        TestContext.Current.TestOutputHelper?.WriteLine($"{10_000 / watch.Elapsed.TotalSeconds:0} requests/s; MB after each 2,000: {megabytes}");
        Assert.InRange(sizes.Max() - first, long.MinValue, 40L << 20);
    }

    public void Dispose() => _folder.Dispose();

    // Every twentieth body is bad, in one of several ways.
    private async Task<List<(int Expected, int Got)>> PostAsync(ServedProgram served, int count)
    {
        var each = await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            var got = new List<(int, int)>();
            for (var i = client; i < count; i += Clients)
            {
                var (content, expected) = Body(i);
                using var response = await served.Client.PostAsync(new Uri("/predict", UriKind.Relative), content);
                _ = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
                got.Add((expected, (int)response.StatusCode));
            }

            return got;
        }));
        return [.. each.SelectMany(e => e)];
    }

    private (HttpContent Content, int Status) Body(int i)
    {
        var (type, body, status) = i % 20 != 7 ? ("image/png", _good[i % _good.Length], 200) : (i / 20 % 5) switch
        {
            0 => ("image/png", _good[0][..40], 422),
            1 => ("image/png", [], 400),
            2 => ("text/plain", "x"u8.ToArray(), 415),
            3 => ("application/json", "{"u8.ToArray(), 400),
            _ => ("image/png", new byte[300], 422),
        };
        return (new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } }, status);
    }
}
