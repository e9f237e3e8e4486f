using System.CommandLine;
using System.Globalization;
using System.Net;
using SketchFlow.Data.Outcomes;
using SketchFlow.Pipeline.Classification;
using SketchFlow.Pipeline.Classification.Engines;
using SketchFlow.Pipeline.Cli.Terminal;
using SketchFlow.Pipeline.Serving;
using SketchFlow.Pipeline.Serving.Queue;
using SketchFlow.Pipeline.Serving.Site;

namespace SketchFlow.Pipeline.Cli.Verbs.Serve;

/// <summary>The verb <c>serve</c>: shows the pages of all experiments over HTTP, and answers requests with the classes of images.</summary>
[Verb(
    "serve",
    "Show all reports in a browser, live while runs train; with --run, also answer requests with the classes of images, with a page to draw on.",
    Order = 167,
    Examples =
    [
        "sketchflow serve", "sketchflow serve --run resnet18-my-data-1", "sketchflow serve --run resnet18.a1_in1k --port 9000",
        "sketchflow serve --run resnet18-my-data-1 --listen 0.0.0.0 --token SECRET",
    ])]
public sealed class ServeVerb : Verb
{
    /// <summary>Environment variable that gives the token, so that it is not in the list of processes.</summary>
    internal const string TokenVariable = "SKETCHFLOW_TOKEN";

    private const int ShortestToken = 16;

    private static readonly ServerOptions _defaults = new();

    private readonly Option<string?> _run = new("--run")
    {
        Description = "A run (or a fold, RUN.fold-0), a saved ensemble, timm's weights (MODEL.TAG) or a file of weights. Default: no model, the reports alone.",
    };

    private readonly Option<string?> _model = new("--model")
    {
        Description = "Architecture of a file of weights that does not name its own. Without --run: the same as --run.",
    };

    private readonly Option<string?> _listen = new("--listen", "--host", "--bind")
    {
        HelpName = "address",
        Description = "Address to listen on, such as 0.0.0.0 for all; other computers can then send requests, and --token is required. "
            + "Default: 127.0.0.1, for this computer only.",
    };

    private readonly Option<int> _port = new("--port", "-p")
    {
        Description = "Port to listen on; 0 takes a free one and prints it.",
        DefaultValueFactory = _ => _defaults.Port,
    };

    private readonly Option<string?> _token = new("--token")
    {
        HelpName = "secret",
        Description = $"Secret that clients send as Authorization: Bearer SECRET. Better in the variable {TokenVariable}: other users can see a command line.",
    };

    private readonly Option<int> _top = new("--top")
    {
        Description = "Number of classes per image, unless ?top= says.",
        DefaultValueFactory = _ => _defaults.Top,
    };

    private readonly Option<double> _maxDelay = new("--max-delay")
    {
        HelpName = "milliseconds",
        Description = "Longest time that an image waits for others to share a batch with, while the model is idle.",
        DefaultValueFactory = _ => _defaults.MaxDelay.TotalMilliseconds,
    };

    private readonly Option<long> _maxBytes = new("--max-bytes")
    {
        Description = "Largest body of a request, in bytes.",
        DefaultValueFactory = _ => _defaults.MaxBytes,
    };

    private readonly Option<long?> _maxPixels = new("--max-pixels") { Description = "Largest number of pixels of an image. Default: the model's." };

    private readonly Option<int> _maxQueue = new("--max-queue")
    {
        Description = "Largest number of images that wait for an answer; more are refused with status 429.",
        DefaultValueFactory = _ => _defaults.MaxQueue,
    };

    private readonly Option<int?> _rate = new("--rate")
    {
        Description = "Largest number of requests per second from one address; more are refused with status 429. Default: any number.",
    };

    private readonly Option<string?> _batchSize = new("--batch-size", "-b", "--batch", "--bs", "--max-batch")
    {
        HelpName = "number",
        Description = "Largest number of images that are computed together, or auto for as many as fit into memory; default: the recipe's, at most 32.",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<Symbol> Parameters =>
    [
        _run, _model, _listen, _port, _token, _top, _batchSize, _maxDelay, _maxBytes, _maxPixels, _maxQueue, _rate,
        InferenceOptions.Augmentation, InferenceOptions.Engine, InferenceOptions.Half, CommonOptions.Device, CommonOptions.Amp, CommonOptions.Artifacts,
    ];

    /// <inheritdoc/>
    public override int Run(ParseResult parsed)
    {
        var options = ReadOptions(parsed);
        var hasModel = (parsed.GetValue(_run) ?? parsed.GetValue(_model)) is not null;
        using var site = new SiteServer(CommonOptions.ArtifactsOf(parsed), options, hasModel, Warn);
        return hasModel ? ServeModel(parsed, options, site) : ServeReports(options, site, Path.GetFullPath(CommonOptions.ArtifactsOf(parsed).Root));
    }

    private static int ServeReports(ServerOptions options, SiteServer site, string artifacts)
    {
        using var interruption = new Interruption("Stopping; Ctrl-C again ends immediately.");
        ServeAsync().GetAwaiter().GetResult();
        return ExitCode.Done;

        async Task ServeAsync()
        {
            await using var server = await WebServer.StartAsync(options, site);
            Log($"{server.Address} shows the reports of {artifacts}. With --run NAME it also takes images; Ctrl-C stops.");
            // Nothing is to be said until the end, hours later.
            StatusDisplay.Current?.Dispose();
            await Task.Delay(Timeout.Infinite, interruption.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            await server.StopAsync();
            Log("Stopped.");
        }
    }

    private int ServeModel(ParseResult parsed, ServerOptions options, SiteServer site)
    {
        var model = InferenceOptions.ReadClassifier(parsed, _run, _model, _batchSize, EngineChoice.Auto) with { MeasuredBatch = 1 };
        using var interruption = new Interruption("Stopping after the answers to all accepted requests; Ctrl-C again ends immediately.");
        try
        {
            var artifacts = CommonOptions.ArtifactsOf(parsed);
            var trained = InferenceOptions.FindModel(parsed, _run, _model, artifacts, Warn);
            using var engine = ClassificationEngines.Open(trained, artifacts, model, Warn, Progress.Open, interruption.Token);
            engine.Notes.ToList().ForEach(Warn);
            int? batch = model.BatchSize is null && !model.FitsBatch ? null : engine.BatchSize;
            return ServeAsync(engine, options with { WarmsUp = true, MaxBatch = batch }, site, interruption.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            Warn("Interrupted before the server started.");
            return ExitCode.Interrupted;
        }
    }

    private static async Task<int> ServeAsync(IClassificationEngine engine, ServerOptions options, SiteServer site, CancellationToken stop)
    {
        await using var server = await ModelServer.StartAsync(engine, options, site);
        var classes = string.Create(CultureInfo.InvariantCulture, $"{engine.Classes.Length:N0} classes");
        Log($"{server.Address} answers with {engine.Title} ({classes}, {engine.Name}). Draw at {server.Address}/draw; Ctrl-C stops.");
        using (ServerStatus.Open(server.Metrics))
        {
            await Task.WhenAny(server.Ended, Task.Delay(Timeout.Infinite, stop));
        }

        await server.StopAsync();
        await server.Ended; // Throws the error of the engine, if there was one.
        Log(DescribeEnd(server.Metrics.Requests, server.Metrics.Left));
        return ExitCode.Done;
    }

    private static string DescribeEnd(long answered, long left)
    {
        var requests = answered == 1 ? "the 1 request was" : string.Create(CultureInfo.InvariantCulture, $"all {answered:N0} requests were");
        var others = left > 0 ? string.Create(CultureInfo.InvariantCulture, $", without {left:N0} whose clients had left") : "";
        return $"Stopped; {requests} answered{others}.";
    }

    private ServerOptions ReadOptions(ParseResult parsed)
    {
        RequireAtLeast(parsed, _top, 1);
        RequireAtLeast(parsed, _maxBytes, 1);
        RequireAtLeast(parsed, _maxQueue, 1);
        RequireAtLeast(parsed, _maxPixels, 1);
        RequireAtLeast(parsed, _rate, 1);
        var (port, bytes, delay) = (parsed.GetValue(_port), parsed.GetValue(_maxBytes), parsed.GetValue(_maxDelay));
        if (port is < 0 or > 65535)
        {
            throw new UsageException($"--port is {port}, expected a number from 0 to 65535.");
        }

        if (bytes > int.MaxValue / 2)
        {
            throw new UsageException($"--max-bytes is {bytes}, expected at most {int.MaxValue / 2}.");
        }

        if (delay is not (>= 0 and <= 10_000))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--max-delay is {delay}, expected milliseconds from 0 to 10000."));
        }

        return new ServerOptions
        {
            Address = ReadAddress(parsed.GetValue(_listen)),
            Port = port,
            Token = ReadToken(parsed),
            Top = parsed.GetValue(_top),
            MaxDelay = TimeSpan.FromMilliseconds(delay),
            MaxBytes = bytes,
            MaxPixels = parsed.GetValue(_maxPixels),
            MaxQueue = parsed.GetValue(_maxQueue),
            Rate = parsed.GetValue(_rate),
        };
    }

    private static void RequireAtLeast<T>(ParseResult parsed, Option<T> option, long least)
    {
        if (parsed.GetValue(option) is { } value && Convert.ToInt64(value, CultureInfo.InvariantCulture) < least)
        {
            throw new UsageException($"{option.Name} is {value}, expected {least} or more.");
        }
    }

    private static IPAddress ReadAddress(string? text) => text switch
    {
        null or "localhost" => _defaults.Address,
        "*" => IPAddress.Any,
        _ => IPAddress.TryParse(text, out var address) ? address
            : throw new UsageException($"--listen is {text}, expected an address of this computer, such as 0.0.0.0 for all, or 127.0.0.1."),
    };

    private string? ReadToken(ParseResult parsed)
    {
        var token = parsed.GetValue(_token) ?? Environment.GetEnvironmentVariable(TokenVariable);
        if (token is null)
        {
            return null;
        }

        if (token.Length == 0 || token.Any(c => c is <= ' ' or > '~'))
        {
            throw new UsageException("--token is empty or has characters other than letters, digits and signs of ASCII; use one of openssl rand -hex 16.");
        }

        if (token.Length < ShortestToken)
        {
            Warn($"The token has only {token.Length} characters and can be guessed; use one of openssl rand -hex 16.");
        }

        return token;
    }
}
