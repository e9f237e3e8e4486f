using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SketchFlow.Data.Outcomes;
using SketchFlow.Inference;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Pipeline.Jobs;
using SketchFlow.Pipeline.Runs;
using SketchFlow.Pipeline.Serving.Queue;
using SketchFlow.Pipeline.TrainedModels;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Pipeline.Classification;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>The server answers every request with the right status and one sentence, and every image as the verb classify does.</summary>
public sealed class ServerTests : IDisposable
{
    private const int Timeout = 120_000;

    private readonly GatedEngine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Fact(Timeout = Timeout)]
    public async Task Answers_are_those_of_classify_in_every_form_of_request()
    {
        using var folder = new TemporaryFolder();
        UntrainedRun.Write(folder.Root, "one", "cat", "dög, or so", "emu");
        var artifacts = new Artifacts(folder.Root);
        using var engine = ClassificationEngines.Open(
            new TrainedModelNames(artifacts).Find("one"), artifacts, new ClassifierOptions { BatchSize = 4 }, _ => { }, NoProgress.Factory);
        byte[][] images = [.. Enumerable.Range(0, 7).Select(ServedImages.Sketch)];
        var inputs = images.Select((bytes, i) => new ImageInput($"{i}.png") { Bytes = bytes });
        var expected = new Classifier(engine, top: 2).Classify(inputs).ToList();
        await using var served = await ServedEngine.StartAsync(engine, o => o with { Top = 2 });

        var (status, list) = await served.PostFormAsync([.. images.Select((bytes, i) => ($"{i}.png", bytes))]);
        Assert.Equal(200, status);
        AssertSame(expected, [.. list.GetProperty("images").EnumerateArray()]);
        Assert.Equal(expected.Select(e => e.Name), list.GetProperty("images").EnumerateArray().Select(i => i.GetProperty("name").GetString()));

        var json = await served.PostJsonAsync(new { images = images.Select(Convert.ToBase64String) });
        AssertSame(expected, [.. json.Answer.GetProperty("images").EnumerateArray()]);
        var named = await served.PostJsonAsync(new object[] { new { name = "x", image = "data:image/png;base64," + Convert.ToBase64String(images[3]) } });
        Assert.Equal("x", named.Answer.GetProperty("images")[0].GetProperty("name").GetString());
        AssertSame([expected[3]], [named.Answer.GetProperty("images")[0]]);

        var single = await Task.WhenAll(images.Select(i => served.PostImageAsync(i)));
        AssertSame(expected, [.. single.Select(s => s.Answer)]);
        AssertSame([expected[5]], [(await served.PostJsonAsync(new { image = Convert.ToBase64String(images[5]) })).Answer]);
        Assert.Equal(1, (await served.PostImageAsync(images[0], "?top=1")).Answer.GetProperty("top").GetArrayLength());
        Assert.Equal(3, (await served.PostImageAsync(images[0], "?top=99")).Answer.GetProperty("top").GetArrayLength());
    }

    [Theory(Timeout = Timeout)]
    [InlineData("image/png", "not an image", "", 422, "The image has no answer: a text file, not an image.")]
    [InlineData("application/octet-stream", "", "", 400, "The body is empty")]
    [InlineData("text/html", "x", "", 415, "The body is text/html, expected an image")]
    [InlineData("application/json", "{\"picture\": 1}", "", 400, "The JSON has neither image nor images")]
    [InlineData("application/json", "{\"image\": 1}", "", 400, "image is not a string of base64")]
    [InlineData("application/json", "{\"image\": \"?\"}", "", 422, "not base64")]
    [InlineData("application/json", "{\"images\": []}", "", 400, "neither image nor images")]
    [InlineData("application/json", "{\"image\": \"", "", 400, "not valid JSON")]
    [InlineData("multipart/form-data", "x", "", 400, "no boundary")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n", "", 400, "The form has no file")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Dis", "", 400, "not complete multipart")]
    [InlineData("image/png", "x", "?top=0", 400, "top is 0, expected a whole number above 0")]
    [InlineData("image/png", "x", "?top=many", 400, "top is many")]
    public async Task Wrong_requests_are_refused_with_a_sentence(string type, string body, string query, int status, string sentence)
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        var (got, answer) = await served.PostAsync(content, query);
        Assert.Contains(sentence, answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(status, got);
        Assert.Equal(200, (await served.PostImageAsync(ServedImages.Grey(10))).Status);
    }

    [Fact(Timeout = Timeout)]
    public async Task Large_bodies_and_images_are_refused()
    {
        await using var served = await ServedEngine.StartAsync(_engine, o => o with { MaxBytes = 5000, MaxPixels = 1000, MaxQueue = 3 });
        var (status, answer) = await served.PostImageAsync(new byte[5001]);
        Assert.Equal((413, "The body has more than 5000 bytes"), (status, answer.GetProperty("detail").GetString()![..33]));
        var chunked = new StreamContent(new MemoryStream(new byte[100_000]));
        chunked.Headers.ContentLength = null;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/predict") { Content = chunked, Headers = { TransferEncodingChunked = true } };
        Assert.Equal(413, (await ServedEngine.ReadAsync(await served.Client.SendAsync(request, TestContext.Current.CancellationToken))).Status);
        (status, answer) = await served.PostImageAsync(ServedImages.Grey(10, side: 40));
        Assert.Equal(422, status);
        Assert.Contains("40x40 pixels announced, more than 1000", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        (status, answer) = await served.PostFormAsync([.. Enumerable.Range(0, 4).Select(i => ($"{i}", ServedImages.Grey(1)))]);
        Assert.Equal(413, status);
        Assert.StartsWith("The request has 4 images, expected at most 3", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_bad_image_fails_none_of_the_others()
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        var (status, answer) = await served.PostFormAsync(("a", ServedImages.Grey(0)), ("b", "x"u8.ToArray()), ("c", []), ("d", ServedImages.Grey(255)));
        Assert.Equal(200, status);
        JsonElement[] images = [.. answer.GetProperty("images").EnumerateArray()];
        Assert.Equal("dark", images[0].GetProperty("top")[0].GetProperty("class").GetString());
        Assert.Equal("light", images[3].GetProperty("top")[0].GetProperty("class").GetString());
        Assert.Equal((422, "empty file"), (images[2].GetProperty("status").GetInt32(), images[2].GetProperty("error").GetString()));
        Assert.False(images[1].TryGetProperty("top", out _));
    }

    [Fact(Timeout = Timeout)]
    public async Task An_engine_that_fails_for_one_image_answers_the_others_of_its_batch()
    {
        _engine.Poison = 77;
        await using var served = await ServedEngine.StartAsync(_engine);
        var (status, answer) = await served.PostFormAsync([.. Enumerable.Range(0, 6).Select(i => ($"{i}", ServedImages.Grey((byte)(i == 2 ? 77 : i))))]);
        Assert.Equal(200, status);
        var images = answer.GetProperty("images").EnumerateArray().Select(i => i.TryGetProperty("error", out var e) ? e.GetString() : "");
        Assert.Equal(["", "", "the engine failed: poisoned", "", "", ""], images);
        Assert.Equal(500, (await served.PostImageAsync(ServedImages.Grey(77))).Status);
        Assert.Equal(200, (await served.PostImageAsync(ServedImages.Grey(76))).Status);
    }

    [Fact(Timeout = Timeout)]
    public async Task Images_of_several_clients_share_batches_while_the_engine_is_busy()
    {
        await using var served = await ServedEngine.StartAsync(_engine, o => o with { MaxBatch = 8, MaxQueue = 100 });
        _engine.Gate.Reset();
        var first = served.PostImageAsync(ServedImages.Grey(1));
        Assert.True(_engine.Entered.Wait(Timeout, TestContext.Current.CancellationToken));
        var others = Enumerable.Range(0, 20).Select(_ => served.PostImageAsync(ServedImages.Grey(2))).ToList();
        await Until(() => served.Server.Metrics.Queue == 21);
        await Task.Delay(200, TestContext.Current.CancellationToken);
        _engine.Gate.Set();
        Assert.All(await Task.WhenAll(others.Append(first)), a => Assert.Equal(200, a.Status));
        Assert.Equal(21, _engine.Batches.Sum());
        Assert.Equal([1, 8, 8, 4], _engine.Batches);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_full_queue_refuses_and_names_a_time()
    {
        await using var served = await ServedEngine.StartAsync(_engine, o => o with { MaxQueue = 2 });
        _engine.Gate.Reset();
        var waiting = Enumerable.Range(0, 2).Select(_ => served.PostImageAsync(ServedImages.Grey(1))).ToList();
        await Until(() => served.Server.Metrics.Queue == 2);
        using var content = new ByteArrayContent(ServedImages.Grey(1));
        using var refused = await served.Client.PostAsync(new Uri("/predict", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(429, (await ServedEngine.ReadAsync(refused)).Status);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
        _engine.Gate.Set();
        Assert.All(await Task.WhenAll(waiting), a => Assert.Equal(200, a.Status));
        Assert.Equal(200, (await served.PostImageAsync(ServedImages.Grey(1))).Status);
    }

    [Fact(Timeout = Timeout)]
    public async Task More_requests_than_the_rate_allows_are_refused()
    {
        await using var served = await ServedEngine.StartAsync(_engine, o => o with { Rate = 3 });
        var statuses = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            statuses.Add((await served.PostImageAsync(ServedImages.Grey(1))).Status);
        }

        Assert.Equal([200, 200, 200], statuses.Take(3));
        Assert.Contains(429, statuses);
        await Task.Delay(1200, TestContext.Current.CancellationToken);
        Assert.Equal(200, (await served.PostImageAsync(ServedImages.Grey(1))).Status);
    }

    [Theory(Timeout = Timeout)]
    [InlineData("Host", "evil.example", 403)]
    [InlineData("Host", "evil.example:8000", 403)]
    [InlineData("Host", "127.0.0.1.evil.example", 403)]
    [InlineData("Host", "localhost", 200)]
    [InlineData("Host", "LOCALHOST:1234", 200)]
    [InlineData("Host", "[::1]:1234", 200)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "http://localhost", 403)]
    [InlineData("Origin", "http://127.0.0.1:1", 403)]
    public async Task Only_pages_and_programs_of_this_computer_may_ask(string header, string value, int status)
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, "/health"), (HttpMethod.Get, "/draw"), (HttpMethod.Post, "/predict")])
        {
            using var request = new HttpRequestMessage(method, path);
            request.Content = method == HttpMethod.Post ? new ByteArrayContent(ServedImages.Grey(1)) : null;
            Assert.True(request.Headers.TryAddWithoutValidation(header, value));
            using var response = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(status, (int)response.StatusCode);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_page_of_the_server_itself_may_ask()
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/predict") { Content = new ByteArrayContent(ServedImages.Grey(1)) };
        request.Headers.Add("Origin", served.Server.Address);
        using var response = await served.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact(Timeout = Timeout)]
    public async Task An_open_server_wants_its_token()
    {
        await Assert.ThrowsAsync<UsageException>(() => ServedEngine.StartAsync(_engine, o => o with { Address = System.Net.IPAddress.Any }));
        await using var served = await ServedEngine.StartAsync(_engine, o => o with { Address = System.Net.IPAddress.Any, Token = "correct-horse" });
        using var client = new HttpClient { BaseAddress = new Uri(served.Server.Address.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)) };
        (string?, int)[] cases =
        [
            (null, 401), ("Bearer wrong", 401), ("Basic correct-horse", 401), ("Bearer correct-hors", 401), ("Bearer correct-horse", 200),
            ("bearer correct-horse", 200),
        ];
        foreach (var (authorization, status) in cases)
        {
            foreach (var path in (string[])["/predict", "/metrics", "/openapi.json"])
            {
                using var request = new HttpRequestMessage(path == "/predict" ? HttpMethod.Post : HttpMethod.Get, path);
                request.Content = path == "/predict" ? new ByteArrayContent(ServedImages.Grey(1)) : null;
                _ = authorization is null || request.Headers.TryAddWithoutValidation("Authorization", authorization);
                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.Equal(status, (int)response.StatusCode);
                Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Contains(new AuthenticationHeaderValue("Bearer")));
            }
        }

        Assert.Equal(200, (int)(await client.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact(Timeout = Timeout)]
    public async Task Clients_that_send_slowly_hold_nothing_up()
    {
        await using var served = await ServedEngine.StartAsync(_engine, o => o with { BodyTimeout = TimeSpan.FromSeconds(2) });
        var sockets = new List<TcpClient>();
        for (var i = 0; i < 40; i++)
        {
            var socket = new TcpClient();
            await socket.ConnectAsync("127.0.0.1", served.Client.BaseAddress!.Port, TestContext.Current.CancellationToken);
            await socket.GetStream().WriteAsync(
                "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: 20000000\r\n\r\nx"u8.ToArray(),
                TestContext.Current.CancellationToken);
            sockets.Add(socket);
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(200, (await served.PostImageAsync(ServedImages.Grey(1))).Status);
        }

        using var reader = new StreamReader(sockets[0].GetStream());
        Assert.Contains("408", await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        sockets.ForEach(s => s.Dispose());
    }

    [Fact(Timeout = Timeout)]
    public async Task Images_of_clients_that_left_are_not_computed()
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        _engine.Gate.Reset();
        var first = served.PostImageAsync(ServedImages.Grey(1));
        Assert.True(_engine.Entered.Wait(Timeout, TestContext.Current.CancellationToken));
        using var leaving = new CancellationTokenSource();
        var gone = Enumerable.Range(0, 10).Select(_ => served.Client.PostAsync(
            new Uri("/predict", UriKind.Relative), new ByteArrayContent(ServedImages.Grey(2)), leaving.Token)).ToList();
        await Until(() => served.Server.Metrics.Queue == 11);
        await leaving.CancelAsync();
        await Until(() => served.Server.Metrics.Queue == 1);
        Assert.All(gone, g => Assert.False(g.IsCompletedSuccessfully));
        _engine.Gate.Set();
        Assert.Equal(200, (await first).Status);
        Assert.Equal(200, (await served.PostImageAsync(ServedImages.Grey(3))).Status);
        Assert.Equal(2, _engine.Batches.Sum());
    }

    [Fact(Timeout = Timeout)]
    public async Task A_stop_answers_what_was_accepted()
    {
        var served = await ServedEngine.StartAsync(_engine, o => o with { MaxBatch = 4 });
        _engine.Gate.Reset();
        var waiting = Enumerable.Range(0, 12).Select(_ => served.PostImageAsync(ServedImages.Grey(1))).ToList();
        await Until(() => served.Server.Metrics.Queue == 12);
        var stop = served.Server.StopAsync();
        await Until(() => Refuses(served.Client.BaseAddress!.Port));
        Assert.False(stop.IsCompleted);
        _engine.Gate.Set();
        await stop;
        Assert.All(await Task.WhenAll(waiting), a => Assert.Equal(200, a.Status));
        Assert.Equal(12, served.Server.Metrics.Requests);
        await served.DisposeAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Pages_load_nothing_from_elsewhere()
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        foreach (var path in (string[])["/", "/draw", "/draw.js", "/draw.css"])
        {
            using var response = await served.Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
            Assert.Equal(200, (int)response.StatusCode);
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"http|\*|unsafe", policy);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotMatch(@"(src|href|url\(|fetch\()\s*[=(]?\s*[""']?(https?:)?//", text);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Health_metrics_and_the_description_of_the_API_are_there()
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        await served.PostImageAsync(ServedImages.Grey(1));
        await served.PostImageAsync([1, 2, 3]);
        var health = JsonSerializer.Deserialize<JsonElement>(await Get(served, "/health"));
        Assert.Equal(("ok", 3), (health.GetProperty("status").GetString(), health.GetProperty("classes").GetInt32()));
        Assert.Equal("the test", health.GetProperty("model").GetString());
        var metrics = await Get(served, "/metrics");
        Assert.Contains("sketchflow_requests_total{status=\"200\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sketchflow_requests_total{status=\"422\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sketchflow_images_total{result=\"rejected\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sketchflow_batch_images_count 1\n", metrics, StringComparison.Ordinal);
        var api = JsonSerializer.Deserialize<JsonElement>(await Get(served, "/openapi.json"));
        var post = api.GetProperty("paths").GetProperty("/predict").GetProperty("post");
        Assert.Equal(
            ["image/*", "multipart/form-data", "application/json"],
            post.GetProperty("requestBody").GetProperty("content").EnumerateObject().Select(c => c.Name));
        Assert.Equal(["200", "400", "413", "415", "422", "429"], post.GetProperty("responses").EnumerateObject().Select(r => r.Name));
        var schema = api.GetProperty("components").GetProperty("schemas").GetProperty("PredictedClass");
        Assert.True(schema.GetProperty("properties").TryGetProperty("class", out _));
        foreach (var (method, path, status) in ((HttpMethod, string, int)[])[(HttpMethod.Get, "/none", 404), (HttpMethod.Get, "/predict", 405)])
        {
            using var request = new HttpRequestMessage(method, path);
            Assert.Equal(status, (await ServedEngine.ReadAsync(await served.Client.SendAsync(request, TestContext.Current.CancellationToken))).Status);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task No_body_of_any_form_ends_the_server()
    {
        await using var served = await ServedEngine.StartAsync(_engine);
        var png = ServedImages.Grey(5);
        var bodies =
            from type in Gen.Elements(
                "image/png", "application/json", "multipart/form-data; boundary=b", "application/octet-stream", "application/x-www-form-urlencoded")
            from start in Gen.Elements<byte[]>(
                png, "{\"image\":\""u8.ToArray(), "[\""u8.ToArray(), "--b\r\nContent-Disposition: form-data; filename=a\r\n\r\n"u8.ToArray(), [])
            from cut in Gen.Choose(0, start.Length)
            from rest in Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf()
            from end in Gen.Elements<byte[]>([], "\"}"u8.ToArray(), "\"]"u8.ToArray(), "\r\n--b--\r\n"u8.ToArray())
            select (type, body: (byte[])[.. start[..cut], .. rest, .. end]);
        foreach (var (type, body) in bodies.Sample(150, 40))
        {
            var content = new ByteArrayContent(body);
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            Assert.Contains((await served.PostAsync(content)).Status, (int[])[200, 400, 422]);
        }

        Assert.Equal(0, served.Server.Metrics.Queue);
        Assert.Equal(200, (await served.PostImageAsync(png)).Status);
    }

    private static async Task<string> Get(ServedEngine served, string path) =>
        await served.Client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    private static bool Refuses(int port)
    {
        try
        {
            using var socket = new TcpClient("127.0.0.1", port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static void AssertSame(List<ClassifiedImage> expected, JsonElement[] answers)
    {
        Assert.Equal(expected.Count, answers.Length);
        foreach (var (image, answer) in expected.Zip(answers))
        {
            JsonElement[] top = [.. answer.GetProperty("top").EnumerateArray()];
            Assert.Equal(
                image.Top.Select(c => (c.Class.Name, c.Index)), top.Select(c => (c.GetProperty("class").GetString()!, c.GetProperty("index").GetInt32())));
            Assert.All(image.Top.Zip(top), c => Assert.Equal(c.First.Probability, c.Second.GetProperty("probability").GetDouble(), 6));
        }
    }
}
