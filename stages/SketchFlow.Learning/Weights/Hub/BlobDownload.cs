using System.Diagnostics;
using System.Globalization;
using System.Net;
using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Weights.Safetensors;

namespace SketchFlow.Learning.Weights.Hub;

/// <summary>Downloads one blob into the cache: resumes a partial download, retries after network errors, and verifies the checksum.</summary>
/// <param name="http">Sends the requests.</param>
/// <param name="settings">Timeouts, number of attempts and pauses.</param>
/// <param name="blob">The blob.</param>
internal sealed class BlobDownload(HubHttp http, HubSettings settings, HubBlob blob)
{
    private const int BufferLength = 1 << 20;

    // An index of shards has one line for each tensor.
    private const long MaxIndexBytes = 16_000_000;

    // Bytes between two checks of the free disk space where the size is unknown, and the space that is left free.
    private const long SpaceInterval = 64 << 20;

    private readonly long? _size = blob.Description.Size;
    private readonly long _limit = blob.File.EndsWith(".json", StringComparison.Ordinal) ? MaxIndexBytes : blob.Description.Size ?? settings.MaxBytes;
    private readonly Stopwatch _window = Stopwatch.StartNew();
    private long _windowBytes;

    /// <summary>Receives the title, the number of bytes present and the total number of bytes.</summary>
    public required Action<string, long, long> Progress { get; init; }

    /// <summary>Receives log messages.</summary>
    public required Action<string> Log { get; init; }

    /// <summary>Downloads the bytes that are missing and returns their number.</summary>
    /// <exception cref="RefusalException">The download failed, or its bytes are wrong.</exception>
    public async Task<long> Run(CancellationToken cancellation)
    {
        var partial = $"{blob.Path}.incomplete";
        if (_size > _limit)
        {
            throw new RefusalException($"{blob.Title} would have {_size} bytes, expected at most {_limit}; check HF_ENDPOINT and the proxy.");
        }

        long downloaded;
        {
            await using var stream = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            if (_size is { } size)
            {
                if (stream.Length > size)
                {
                    stream.SetLength(0);
                }

                CheckSpace(partial, size - stream.Length);
            }

            downloaded = await Complete(stream, cancellation).ConfigureAwait(false);
            await stream.FlushAsync(cancellation).ConfigureAwait(false);
            stream.Flush(flushToDisk: true);
            await Verify(stream, partial, cancellation).ConfigureAwait(false);
        }

        VerifyContent(partial);
        File.Move(partial, blob.Path, overwrite: true);
        return downloaded;
    }

    /// <summary>Sends requests until all bytes are present; gives up after several consecutive attempts without new bytes.</summary>
    private async Task<long> Complete(FileStream stream, CancellationToken cancellation)
    {
        var downloaded = 0L;
        for (var (failures, pause) = (0, settings.Pause); ;)
        {
            CheckRate(stream, 0);
            var before = stream.Length;
            stream.Seek(before, SeekOrigin.Begin);
            try
            {
                if (_size is null || before < _size)
                {
                    await Append(stream, cancellation).ConfigureAwait(false);
                }

                downloaded += Math.Max(0, stream.Length - before);
                if (_size is { } size && stream.Length < size)
                {
                    throw new HttpIOException(HttpRequestError.ResponseEnded, "the connection was closed early");
                }

                return downloaded;
            }
            catch (Exception e) when (HubErrors.IsTransient(e) && !cancellation.IsCancellationRequested)
            {
                downloaded += Math.Max(0, stream.Length - before);
                failures = stream.Length > before ? 0 : failures + 1;
                if (failures >= settings.Attempts)
                {
                    throw new RefusalException(
                        $"The download of {blob.Title} stopped at {stream.Length} of {_size} bytes: {failures} consecutive attempts received no data "
                        + $"({HubErrors.Reason(e)}); run it again to resume.",
                        e);
                }

                Log($"{blob.Title}: {HubErrors.Reason(e)} at byte {stream.Length}; resuming.");
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
                pause = failures == 0 ? settings.Pause : pause * 2;
            }
        }
    }

    /// <summary>Sends one request from the end of the stream on and appends its bytes; bytes that arrived before an exception are kept.</summary>
    private async Task Append(FileStream stream, CancellationToken cancellation)
    {
        var (start, address) = (stream.Length, blob.Address);
        for (var redirects = 0; redirects < HubHttp.MaxRedirects; redirects++)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timeout.CancelAfter(settings.Timeout);
            using var response = await http.SendGet(address, start, timeout.Token).ConfigureAwait(false);
            if (HubHttp.IsRedirect(response) && HubHttp.RedirectTarget(response, address) is { } target)
            {
                address = target;
                continue;
            }

            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                stream.SetLength(0);
                throw new HttpIOException(HttpRequestError.InvalidResponse, "the server has fewer bytes than were downloaded");
            }

            HubErrors.ThrowIfFailed(response, blob.Repository, settings);
            if (start > 0)
            {
                CheckRange(response, start, stream);
            }

            await CopyBody(response, stream, timeout, cancellation).ConfigureAwait(false);
            return;
        }

        throw new HttpIOException(HttpRequestError.InvalidResponse, $"the server redirects more than {HubHttp.MaxRedirects} times");
    }

    /// <summary>Checks that the answer begins at <paramref name="start"/>; if the server sends the whole file instead, the stream is emptied.</summary>
    private static void CheckRange(HttpResponseMessage response, long start, FileStream stream)
    {
        var from = response.Content.Headers.ContentRange?.From;
        if (response.StatusCode != HttpStatusCode.PartialContent)
        {
            stream.SetLength(0);
        }
        else if (from != start)
        {
            throw new HttpIOException(HttpRequestError.InvalidResponse, $"the server resumed at byte {from} instead of {start}");
        }
    }

    private async Task CopyBody(HttpResponseMessage response, FileStream stream, CancellationTokenSource timeout, CancellationToken cancellation)
    {
        await using var body = await response.Content.ReadAsStreamAsync(timeout.Token).ConfigureAwait(false);
        var buffer = new byte[BufferLength];
        while (true)
        {
            timeout.CancelAfter(settings.Timeout);
            var read = await body.ReadAsync(buffer, timeout.Token).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            CheckRate(stream, read);
            if (_size is null && stream.Length / SpaceInterval != (stream.Length + read) / SpaceInterval)
            {
                CheckSpace(stream.Name, 2 * SpaceInterval);
            }

            if (_size is null && stream.Length + read > _limit)
            {
                stream.SetLength(0);
                throw new RefusalException($"{blob.Title} has more than {_limit} bytes and no size in its description; check HF_ENDPOINT and the proxy.");
            }

            if (_size is { } size && stream.Length + read > size)
            {
                // The body is too long. One byte more than expected is kept, so that the verification fails; the rest must not fill the disk.
                await stream.WriteAsync(buffer.AsMemory(0, (int)(size - stream.Length)), cancellation).ConfigureAwait(false);
                await stream.WriteAsync(new byte[1], cancellation).ConfigureAwait(false);
                return;
            }

            await stream.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
            Progress(blob.Title, stream.Length, _size ?? stream.Length);
        }
    }

    private async Task Verify(FileStream stream, string partial, CancellationToken cancellation)
    {
        var etag = blob.Description.Etag;
        var checksum = await BlobChecksum.Compute(stream, etag, cancellation).ConfigureAwait(false);
        if ((_size is null || stream.Length == _size) && (checksum is null || string.Equals(checksum, etag, StringComparison.OrdinalIgnoreCase)))
        {
            return;
        }

        var length = stream.Length;
        stream.Close();
        File.Delete(partial);
        var expected = _size?.ToString(CultureInfo.InvariantCulture) ?? "any number of";
        throw new RefusalException(
            $"The download of {blob.Title} differs from the hub's description: expected {expected} bytes with checksum {etag}, "
            + $"got {length} bytes with {checksum ?? "unknown"}; it was deleted: run it again, and check the proxy if this happens twice.");
    }

    // Each single wait is bounded by the timeout; this bounds them together.
    private void CheckRate(FileStream stream, int read)
    {
        _windowBytes += read;
        if (_window.Elapsed < settings.RateWindow)
        {
            return;
        }

        if (_windowBytes < settings.LeastBytesPerSecond * _window.Elapsed.TotalSeconds)
        {
            throw new RefusalException(
                $"The download of {blob.Title} stopped at {stream.Length} of {_size?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} bytes: "
                + $"it had fewer than {settings.LeastBytesPerSecond} bytes per second for {settings.RateWindow.TotalSeconds:0.#} seconds; "
                + "run it again to resume.");
        }

        _windowBytes = 0;
        _window.Restart();
    }

    /// <summary>Opens the file as what its name says, so that a page with the right status and size is not taken for weights.</summary>
    private void VerifyContent(string partial)
    {
        try
        {
            if (blob.File.EndsWith(".json", StringComparison.Ordinal))
            {
                ShardIndex.Read(partial);
            }
            else
            {
                WeightsFile.Open(partial).Dispose();
            }
        }
        catch (RefusalException e)
        {
            File.Delete(partial);
            throw new RefusalException(
                $"{blob.Title} was downloaded from {blob.Address.Host} and deleted, since it is no file of weights: "
                + $"{e.Message.Replace(partial, "it", StringComparison.Ordinal).TrimEnd('.')}; check HF_ENDPOINT and the proxy.",
                e);
        }
    }

    private void CheckSpace(string path, long needed)
    {
        try
        {
            var free = new DriveInfo(Path.GetFullPath(path)).AvailableFreeSpace;
            if (free < needed)
            {
                throw new RefusalException(
                    $"{blob.Repository} needs {needed / 1e6:0} MB more, but the disk of {Path.GetDirectoryName(path)} has {free / 1e6:0} MB free; "
                    + "free some space, or set HF_HUB_CACHE to another folder.");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The free space is unknown on this system.
        }
    }
}
