using System.Globalization;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>
/// The source and the cache of pretrained weights: the settings of Python's <c>huggingface_hub</c>, read from the same environment variables
/// (see its <c>constants.py</c>), so that both use one cache, one token and one mirror. .NET reads the proxies: HTTPS_PROXY, HTTP_PROXY, NO_PROXY.
/// </summary>
public sealed record HubSettings
{
    /// <summary>Address of the hub; HF_ENDPOINT sets a mirror.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>Folder of the cache: HF_HUB_CACHE, else <c>hub</c> in HF_HOME, else <c>~/.cache/huggingface/hub</c>.</summary>
    public required string Cache { get; init; }

    /// <summary>Access token for repositories that need one: HF_TOKEN, else the file written by <c>hf auth login</c>; null sends no token.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the network must not be used: HF_HUB_OFFLINE.</summary>
    public bool Offline { get; init; }

    /// <summary>Longest wait for an answer or the next bytes: HF_HUB_DOWNLOAD_TIMEOUT, in seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Least number of bytes per second over <see cref="RateWindow"/>; a slower download is given up, and can be resumed.</summary>
    public long LeastBytesPerSecond { get; init; } = 1000;

    /// <summary>Time over which the rate of a download is measured.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Largest number of bytes of a file whose size the hub does not give.</summary>
    public long MaxBytes { get; init; } = 20_000_000_000;

    /// <summary>Number of consecutive attempts without new bytes before a download fails.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Pause before the second attempt; it doubles with each further one.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads the settings from the environment of this process.</summary>
    public static HubSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>Reads the settings from an environment.</summary>
    /// <param name="variable">Returns the value of a variable, or null.</param>
    /// <exception cref="RefusalException">HF_ENDPOINT is not a valid address.</exception>
    public static HubSettings From(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var home = Value("HF_HOME") is { } given
            ? Expanded(given)
            : Path.Combine(Value("XDG_CACHE_HOME") is { } caches ? Expanded(caches) : Expanded("~/.cache"), "huggingface");
        var settings = new HubSettings
        {
            Cache = (Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE")) is { } cache ? Expanded(cache) : Path.Combine(home, "hub"),
            Token = IsTrue(Value("HF_HUB_DISABLE_IMPLICIT_TOKEN"))
                ? null
                : Value("HF_TOKEN")?.Trim() ?? Value("HUGGING_FACE_HUB_TOKEN")?.Trim()
                    ?? FromFile(Value("HF_TOKEN_PATH") is { } path ? Expanded(path) : Path.Combine(home, "token")),
            Offline = IsTrue(Value("HF_HUB_OFFLINE") ?? Value("TRANSFORMERS_OFFLINE")),
        };
        if (Value("HF_ENDPOINT") is { } endpoint)
        {
            settings = settings with
            {
                Endpoint = Uri.TryCreate(endpoint.TrimEnd('/'), UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                    ? address
                    : throw new RefusalException($"HF_ENDPOINT: expected an address such as https://mirror.example, got '{endpoint}'."),
            };
        }

        return int.TryParse(Value("HF_HUB_DOWNLOAD_TIMEOUT"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? settings with { Timeout = TimeSpan.FromSeconds(seconds) }
            : settings;

        string? Value(string name) => variable(name) is { Length: > 0 } value ? value : null;

        string Expanded(string path)
        {
            var user = variable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Path.GetFullPath(path == "~" ? user : path.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(user, path[2..]) : path);
        }

        static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

        static string? FromFile(string path)
        {
            try
            {
                return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Returns a description without the token, which must not be printed.</summary>
    public override string ToString() => $"{Endpoint}, cache {Cache}, {(Token is null ? "no token" : "with a token")}{(Offline ? ", offline" : "")}";
}
