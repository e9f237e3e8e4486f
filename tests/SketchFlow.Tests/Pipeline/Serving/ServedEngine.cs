using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Serving;
using SketchFlow.Pipeline.Serving.Queue;

namespace SketchFlow.Tests.Pipeline.Serving;

/// <summary>A server in this process on a free port, with a client.</summary>
internal sealed class ServedEngine : IAsyncDisposable
{
    private ServedEngine(ModelServer server)
    {
        Server = server;
        Client = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = TimeSpan.FromSeconds(60) };
    }

    public ModelServer Server { get; }

    public HttpClient Client { get; }

    public static async Task<ServedEngine> StartAsync(IClassificationEngine engine, Func<ServerOptions, ServerOptions>? change = null) =>
        new(await ModelServer.StartAsync(engine, (change ?? (o => o))(new ServerOptions { Port = 0 })));

    public Task<(int Status, JsonElement Answer)> PostImageAsync(byte[] image, string query = "") =>
        PostAsync(new ByteArrayContent(image) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, query);

    public Task<(int Status, JsonElement Answer)> PostFormAsync(params (string Name, byte[] Image)[] images)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, image) in images)
        {
            form.Add(new ByteArrayContent(image), "image", name);
        }

        return PostAsync(form);
    }

    public Task<(int Status, JsonElement Answer)> PostJsonAsync(object value) => PostAsync(JsonContent.Create(value));

    public async Task<(int Status, JsonElement Answer)> PostAsync(HttpContent content, string query = "")
    {
        using var response = await Client.PostAsync(new Uri($"/predict{query}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return await ReadAsync(response);
    }

    /// <summary>Reads a response; a refusal has one sentence.</summary>
    public static async Task<(int Status, JsonElement Answer)> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var answer = JsonSerializer.Deserialize<JsonElement>(text);
        if (!response.IsSuccessStatusCode)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal((int)response.StatusCode, answer.GetProperty("status").GetInt32());
            Assert.Matches(@"^\S[^\n]*\.$", answer.GetProperty("detail").GetString());
            Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        }

        return ((int)response.StatusCode, answer);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
    }
}
