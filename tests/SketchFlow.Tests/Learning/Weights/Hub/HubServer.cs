using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace SketchFlow.Tests.Learning.Weights.Hub;

/// <summary>
/// A small hub on this machine. It describes files like Hugging Face's (a redirect with X-Linked-Etag, X-Linked-Size and X-Repo-Commit for large
/// files, plain answers for small ones), and makes the errors that a test requests.
/// </summary>
#pragma warning disable CA2213 // The token source outlives Dispose: connections that are closing still read it.
internal sealed class HubServer : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public HubServer()
    {
        _listener.Start();
        _ = Task.Run(Accept);
    }

    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Requests as "METHOD path [range]", and whether each had the token.</summary>
    public ConcurrentQueue<(string Line, bool Token)> Requests { get; } = new();

    /// <summary>Token required for all repositories.</summary>
    public string? Token { get; set; }

    /// <summary>Number of bytes of a body after which the connection is closed; null never closes it.</summary>
    public int? CutAfter { get; set; }

    /// <summary>Number of connections that are closed early; later ones are not.</summary>
    public int Cuts { get; set; } = int.MaxValue;

    /// <summary>Whether every request for a range is answered with the whole file.</summary>
    public bool IgnoresRange { get; set; }

    /// <summary>Whether one byte of each answer is changed.</summary>
    public bool SendsWrongBytes { get; set; }

    /// <summary>Whether more bytes are sent than announced.</summary>
    public bool SendsTooMuch { get; set; }

    /// <summary>Whether large files are described by an ETag that is no checksum, and without their size.</summary>
    public bool HidesSize { get; set; }

    /// <summary>Pause after each byte of a body; null sends it whole.</summary>
    public TimeSpan? Drip { get; set; }

    /// <summary>Status and error code returned instead of an answer.</summary>
    public (int Status, string? Code)? Fails { get; set; }

    /// <summary>Number of requests that fail in this way; later ones do not.</summary>
    public int Failures { get; set; } = int.MaxValue;

    /// <summary>Whether requests are never answered.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Address of the storage of large files, if it is another server.</summary>
    public string? Store { get; set; }

    public HubServer With(string repository, string file, byte[] bytes)
    {
        _files[$"/{repository}/resolve/main/{file}"] = bytes;
        _files[$"/store/{Checksum(bytes)}"] = bytes;
        return this;
    }

    public static string Checksum(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public void Dispose()
    {
        // The token source is left to the garbage collector: connections may still read it.
        _ended.Cancel();
        _listener.Stop();
    }

    private async Task Accept()
    {
        while (!_ended.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync();
            _ = Task.Run(async () =>
            {
                using (client)
                {
                    try
                    {
                        await Serve(client.GetStream());
                    }
                    catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
                    {
                        // The client closed the connection.
                    }
                }
            });
        }
    }

    private async Task Serve(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
        while (await reader.ReadLineAsync(_ended.Token) is { Length: > 0 } first)
        {
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(_ended.Token) is { Length: > 0 } line)
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                headers[line[..colon]] = line[(colon + 1)..].Trim();
            }

            var parts = first.Split(' ');
            var (method, target) = (parts[0], parts[1]);
            var token = headers.GetValueOrDefault("Authorization");
            Requests.Enqueue(($"{method} {target} {headers.GetValueOrDefault("Range")}".TrimEnd(), token is not null));
            if (IsSilent)
            {
                await Task.Delay(Timeout.Infinite, _ended.Token);
            }

            // A request to a proxy has the whole address.
            var path = target.StartsWith("http", StringComparison.Ordinal) ? new Uri(target).AbsolutePath : target;
            if (!await Answer(stream, method, path, headers, token))
            {
                return;
            }
        }
    }

    /// <summary>Answers a request; returns false if the connection must be closed.</summary>
    private async Task<bool> Answer(NetworkStream stream, string method, string path, Dictionary<string, string> headers, string? token)
    {
        if (Fails is { } failure && Failures-- > 0)
        {
            return await Send(stream, method, $"{failure.Status} As Requested", failure.Code is { } code ? [$"X-Error-Code: {code}"] : [], []);
        }

        var isStore = path.StartsWith("/store/", StringComparison.Ordinal);
        if (Token is not null && !isStore && token != $"Bearer {Token}")
        {
            return await Send(stream, method, token is null ? "401 Unauthorized" : "403 Forbidden", token is null ? ["X-Error-Code: RepoNotFound"] : [], []);
        }

        if (!_files.TryGetValue(path, out var bytes))
        {
            var known = _files.Keys.Any(k => k.Split("/resolve/")[0] == path.Split("/resolve/")[0]);
            return await Send(stream, method, "404 Not Found", [$"X-Error-Code: {(known ? "EntryNotFound" : "RepoNotFound")}"], []);
        }

        if (!isStore)
        {
            return bytes.Length >= 64
                ? await Send(stream, method, "302 Found", DescribeLarge(bytes), [])
                : await Send(stream, method, "200 OK", [$"X-Repo-Commit: {Commit}", $"ETag: \"{GitChecksum(bytes)}\""], bytes);
        }

        var from = headers.TryGetValue("Range", out var range) && !IgnoresRange ? int.Parse(range.Split('=')[1].TrimEnd('-'), CultureInfo.InvariantCulture) : 0;
        if (from > bytes.Length)
        {
            return await Send(stream, method, "416 Range Not Satisfiable", [], []);
        }

        var body = bytes[from..];
        if (SendsWrongBytes)
        {
            body[^1] ^= 1;
        }

        if (SendsTooMuch)
        {
            body = [.. body, .. new byte[1000]];
        }

        return from > 0
            ? await Send(stream, method, "206 Partial Content", [$"Content-Range: bytes {from}-{bytes.Length - 1}/{bytes.Length}"], body)
            : await Send(stream, method, "200 OK", [], body);
    }

    private string[] DescribeLarge(byte[] bytes) => HidesSize
        ? [$"X-Repo-Commit: {Commit}", $"X-Linked-Etag: \"opaque-{bytes.Length}\"", $"Location: {Store ?? Address}/store/{Checksum(bytes)}"]
        :
    [
        $"X-Repo-Commit: {Commit}", $"X-Linked-Etag: \"{Checksum(bytes)}\"", $"X-Linked-Size: {bytes.Length}",
        $"Location: {Store ?? Address}/store/{Checksum(bytes)}",
    ];

#pragma warning disable CA5350 // Git names blobs by SHA-1.
    private static string GitChecksum(byte[] bytes) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));
#pragma warning restore CA5350

    private async Task<bool> Send(NetworkStream stream, string method, string status, string[] headers, byte[] body)
    {
        var head = $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _ended.Token);
        if (method == "HEAD" || body.Length == 0)
        {
            return true;
        }

        if (CutAfter is { } cut && cut < body.Length && Cuts-- > 0)
        {
            await stream.WriteAsync(body.AsMemory(0, cut), _ended.Token);
            return false;
        }

        if (Drip is { } pause)
        {
            foreach (var one in body)
            {
                await stream.WriteAsync(new[] { one }, _ended.Token);
                await Task.Delay(pause, _ended.Token);
            }

            return true;
        }

        await stream.WriteAsync(body, _ended.Token);
        return true;
    }
}
