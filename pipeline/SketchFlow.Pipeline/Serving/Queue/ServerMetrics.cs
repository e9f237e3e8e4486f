using Prometheus;

namespace SketchFlow.Pipeline.Serving.Queue;

/// <summary>Counts and times of one server, in the form that Prometheus reads.</summary>
internal sealed class ServerMetrics
{
    /// <summary>Status of a request whose client left, as in the logs of other servers.</summary>
    public const int ClientLeft = 499;

    private readonly Counter _requests;
    private readonly Counter _images;
    private readonly Gauge _queue;
    private readonly Histogram _batches;
    private readonly Histogram _seconds;
    private readonly Counter _engineSeconds;
    private long _requestCount, _leftCount, _imageCount, _batchCount;

    /// <summary>Registers the metrics.</summary>
    public ServerMetrics()
    {
        Registry = Metrics.NewCustomRegistry();
        var metrics = Metrics.WithCustomRegistry(Registry);
        _requests = metrics.CreateCounter("sketchflow_requests_total", "Requests to /predict by the status of their response.", "status");
        _images = metrics.CreateCounter("sketchflow_images_total", "Images by their result: answered, rejected, failed or left.", "result");
        _queue = metrics.CreateGauge("sketchflow_queue_images", "Images that are accepted and not yet answered.");
        _batches = metrics.CreateHistogram(
            "sketchflow_batch_images", "Images per batch.", new HistogramConfiguration { Buckets = [1, 2, 4, 8, 16, 32, 64, 128] });
        _seconds = metrics.CreateHistogram(
            "sketchflow_request_seconds",
            "Time from the first byte of a request to /predict to its response.",
            new HistogramConfiguration { Buckets = Histogram.ExponentialBuckets(0.001, 2, 15) });
        _engineSeconds = metrics.CreateCounter("sketchflow_engine_seconds_total", "Time that the engine has computed.");
    }

    /// <summary>The registry of this server alone.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>Number of requests to <c>/predict</c> that have a response.</summary>
    public long Requests => Volatile.Read(ref _requestCount);

    /// <summary>Number of requests to <c>/predict</c> whose clients left before there was a response.</summary>
    public long Left => Volatile.Read(ref _leftCount);

    /// <summary>Number of images that were computed.</summary>
    public long Images => Volatile.Read(ref _imageCount);

    /// <summary>Number of batches that were computed.</summary>
    public long Batches => Volatile.Read(ref _batchCount);

    /// <summary>Number of images that are accepted and not yet answered.</summary>
    public int Queue => (int)_queue.Value;

    /// <summary>Counts a response.</summary>
    /// <param name="status">The status.</param>
    /// <param name="time">Time since the request arrived.</param>
    public void CountRequest(int status, TimeSpan time)
    {
        _requests.WithLabels(status.ToString(System.Globalization.CultureInfo.InvariantCulture)).Inc();
        _seconds.Observe(time.TotalSeconds);
        Interlocked.Increment(ref status == ClientLeft ? ref _leftCount : ref _requestCount);
    }

    /// <summary>Counts the result of an image.</summary>
    public void CountImage(string result) => _images.WithLabels(result).Inc();

    /// <summary>Counts a batch.</summary>
    /// <param name="images">Number of its images.</param>
    /// <param name="time">Time that the engine took.</param>
    public void CountBatch(int images, TimeSpan time)
    {
        _batches.Observe(images);
        _engineSeconds.Inc(time.TotalSeconds);
        Interlocked.Add(ref _imageCount, images);
        Interlocked.Increment(ref _batchCount);
    }

    /// <summary>Sets the number of images that are accepted and not yet answered.</summary>
    public void SetQueue(int images) => _queue.Set(images);
}
