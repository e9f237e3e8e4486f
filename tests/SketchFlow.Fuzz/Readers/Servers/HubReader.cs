using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Fuzz.Readers.Weights;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights.Hub;

namespace SketchFlow.Fuzz.Readers.Servers;

/// <summary>Answers of a hub of weights.</summary>
public sealed class HubReader() : Reader("hub-answer", new JsonParts())
{
    private static readonly PretrainedTag _tag = new("resnet18", "x") { Repository = "timm/resnet18.x", File = "model.safetensors" };

    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        var weights = SafetensorsBytes.Compose(SafetensorsBytes.Header, 32);
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(weights));
        var commit = "X-Repo-Commit: 0123456789abcdef0123456789abcdef01234567";
        var large = $"HTTP/1.1 302 Found\r\n{commit}\r\nX-Linked-Etag: \"{hash}\"\r\nX-Linked-Size: {weights.Length}\r\nLocation: /store/x\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n";
        byte[] body = [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {weights.Length}\r\nConnection: close\r\n\r\n"), .. weights];
        yield return [.. Encoding.ASCII.GetBytes(large + AnswerServer.Separator), .. body];
        var moved = large.Replace("X-", "Y-", StringComparison.Ordinal);
        yield return [.. Encoding.ASCII.GetBytes(large + AnswerServer.Separator + moved + AnswerServer.Separator), .. body];
    }

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        AnswerServer.Instance.Answer(input);
        var settings = new HubSettings
        {
            Endpoint = new Uri(AnswerServer.Instance.Address),
            Cache = Path.Combine(folder, "cache"),
            Timeout = TimeSpan.FromSeconds(5),
            Attempts = 1,
            Pause = TimeSpan.FromMilliseconds(1),
        };
        using var client = new HubClient(settings);
        client.Fetch(_tag, refresh: false, CancellationToken.None).GetAwaiter().GetResult();
        return null;
    }
}
