using SketchFlow.Data.Outcomes;
using SketchFlow.Learning.Models;
using SketchFlow.Learning.Models.Catalog;
using SketchFlow.Learning.Weights.Hub;
using SketchFlow.Learning.Weights.Safetensors;
using SketchFlow.Tests.Data.Files;
using SketchFlow.Tests.Learning.Weights.Torch;

namespace SketchFlow.Tests.Learning.Weights.Hub;

public sealed class HubClientTests : IDisposable
{
    private const int Patience = 60_000;

    private static readonly PretrainedTag Tag = Pretrained.Find("resnet18.a1_in1k")!;

    private readonly TemporaryFolder _folder = new();
    private readonly HubServer _server = new();
    private readonly List<string> _log = [];

    private HubSettings Settings => new()
    {
        Endpoint = new(_server.Address),
        Cache = Path.Combine(_folder.Root, "hub"),
        Timeout = TimeSpan.FromSeconds(5),
        Pause = TimeSpan.FromMilliseconds(1),
    };

    private string Repository => Path.Combine(_folder.Root, "hub", "models--timm--resnet18.a1_in1k");

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact(Timeout = Patience)]
    public async Task A_file_is_downloaded_once_and_cached_with_the_layout_of_pythons_tools()
    {
        var bytes = Serve(100_000);
        var file = await Fetch(Settings);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken));
        Assert.Equal((100_000, 100_000, "model.safetensors"), (file.Bytes, file.Downloaded, file.File));

        // https://huggingface.co/docs/huggingface_hub, "Understand caching".
        Assert.Equal(HubServer.Commit, await File.ReadAllTextAsync(Path.Combine(Repository, "refs", "main"), TestContext.Current.CancellationToken));
        Assert.Equal(Path.Combine(Repository, "snapshots", HubServer.Commit, "model.safetensors"), file.Path);
        Assert.Equal($"../../blobs/{HubServer.Checksum(bytes)}", new FileInfo(file.Path).LinkTarget);
        Assert.Equal([HubServer.Checksum(bytes)], Directory.EnumerateFiles(Path.Combine(Repository, "blobs")).Select(Path.GetFileName));

        var requests = _server.Requests.Count;
        Assert.Equal(file with { Downloaded = 0 }, await Fetch(Settings));
        Assert.Equal(requests, _server.Requests.Count);
        Assert.Equal(file with { Downloaded = 0 }, await Fetch(Settings with { Offline = true }, refresh: true));
        Assert.Equal(requests, _server.Requests.Count);

        // Asking for a newer version takes one request and no bytes.
        Assert.Equal(0, (await Fetch(Settings, refresh: true)).Downloaded);
        Assert.Equal(requests + 1, _server.Requests.Count);
    }

    [Fact(Timeout = Patience)]
    public async Task A_file_cached_by_python_is_found_without_a_request()
    {
        _folder.With("hub/models--timm--resnet18.a1_in1k/refs/main", "abc123")
            .With("hub/models--timm--resnet18.a1_in1k/snapshots/abc123/model.safetensors", "12345");
        Assert.Equal(5, (await Fetch(Settings)).Bytes);
        Assert.Empty(_server.Requests);
    }

    [Theory(Timeout = Patience)]
    [InlineData(1)]
    [InlineData(4_096)]
    [InlineData(30_000)]
    [InlineData(99_999)]
    public async Task A_download_resumes_where_the_connection_was_closed(int cut)
    {
        var bytes = Serve(100_000);
        (_server.CutAfter, _server.Cuts) = (cut, 4);
        var file = await Fetch(Settings);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(file.Path, TestContext.Current.CancellationToken));
        Assert.Equal(100_000, file.Downloaded);
        Assert.Contains(_server.Requests, r => r.Line.EndsWith($"bytes={cut}-", StringComparison.Ordinal));
        Assert.Contains(_log, line => line.Contains($"at byte {cut}", StringComparison.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task A_download_that_failed_is_resumed_by_a_later_run()
    {
        var bytes = Serve(100_000);
        _server.CutAfter = 0;
        Assert.Contains("run it again", (await Refused(Settings)).Message, StringComparison.Ordinal);
        Assert.Null(new HubClient(Settings).FindCached(Tag));
        (_server.CutAfter, _server.Cuts) = (40_000, 1);
        using (var stopped = new CancellationTokenSource())
        {
            var stop = new HubClient(Settings) { Log = _ => stopped.Cancel() };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stop.Fetch(Tag, refresh: false, stopped.Token));
        }

        Assert.Equal(40_000, new FileInfo(Path.Combine(Repository, "blobs", $"{HubServer.Checksum(bytes)}.incomplete")).Length);
        Assert.Equal(60_000, (await Fetch(Settings)).Downloaded);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(new HubClient(Settings).FindCached(Tag)!.Path, TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_that_ignores_ranges_sends_everything_again()
    {
        var bytes = Serve(100_000);
        (_server.CutAfter, _server.Cuts, _server.IgnoresRange) = (70_000, 1, true);
        Assert.Equal(bytes, await File.ReadAllBytesAsync((await Fetch(Settings)).Path, TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = Patience)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Wrong_bytes_are_refused_and_deleted(bool tooMany)
    {
        var bytes = Serve(100_000);
        (_server.SendsWrongBytes, _server.SendsTooMuch) = (!tooMany, tooMany);
        var refusal = await Refused(Settings);
        Assert.Contains(HubServer.Checksum(bytes), refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Repository, "blobs")));
        (_server.SendsWrongBytes, _server.SendsTooMuch) = (false, false);
        Assert.Equal(100_000, (await Fetch(Settings)).Downloaded);
    }

    [Fact(Timeout = Patience)]
    public async Task A_token_gives_access_and_is_never_sent_to_another_host()
    {
        var bytes = Serve(100_000);
        using var store = new HubServer().With("x", "y", bytes);
        (_server.Token, _server.Store) = ("hf_secret", store.Address);
        Assert.Contains("HF_TOKEN", (await Refused(Settings)).Message, StringComparison.Ordinal);
        var wrong = await Refused(Settings with { Token = "hf_other" });
        Assert.Contains("403", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_other", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(100_000, (await Fetch(Settings with { Token = "hf_secret" })).Downloaded);
        Assert.NotEmpty(store.Requests);
        Assert.All(store.Requests, r => Assert.False(r.Token));
        Assert.DoesNotContain("hf_secret", (Settings with { Token = "hf_secret" }).ToString(), StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData(404, "RepoNotFound", "has no timm/resnet18.a1_in1k")]
    [InlineData(404, null, "has no timm/resnet18.a1_in1k")]
    [InlineData(403, "GatedRepo", "accepted its terms")]
    [InlineData(451, null, "451")]
    [InlineData(503, null, "503")]
    public async Task A_failed_answer_becomes_one_sentence(int status, string? code, string expected)
    {
        Serve(1000);
        _server.Fails = (status, code);
        var refusal = await Refused(Settings);
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_busy_server_is_retried()
    {
        Serve(1000);
        (_server.Fails, _server.Failures) = ((503, null), 3);
        Assert.Equal(1000, (await Fetch(Settings)).Downloaded);
    }

    [Fact(Timeout = Patience)]
    public async Task Without_network_and_cache_the_message_states_a_remedy()
    {
        using (var gone = new HubServer())
        {
            var address = gone.Address;
            gone.Dispose();
            HasRemedy((await Refused(Settings with { Endpoint = new(address) })).Message, "cannot be reached");
        }

        HasRemedy((await Refused(Settings with { Offline = true })).Message, "HF_HUB_OFFLINE");
        Assert.Empty(_server.Requests);
        _server.IsSilent = true;
        HasRemedy((await Refused(Settings with { Timeout = TimeSpan.FromMilliseconds(200) })).Message, "no answer within 0.2 s");

        static void HasRemedy(string message, string reason)
        {
            Assert.Contains(reason, message, StringComparison.Ordinal);
            Assert.Contains("sketchflow models pull resnet18.a1_in1k", message, StringComparison.Ordinal);
            Assert.Contains("--weights FILE", message, StringComparison.Ordinal);
            Assert.Contains("HF_HUB_CACHE", message, StringComparison.Ordinal);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task Without_safetensors_the_pytorch_file_is_used_and_without_both_the_fetch_is_refused()
    {
        _server.With(Tag.Repository, "pytorch_model.bin", new TorchWriter().Dictionary().Tensor("w", 1, 2).Close().Bytes());
        Assert.Equal("pytorch_model.bin", (await Fetch(Settings)).File);
        Assert.Equal("pytorch_model.bin", new HubClient(Settings).FindCached(Tag)!.File);
        _server.With("timm/resnet34.a1_in1k", "config.json", new byte[500]);
        using var hub = new HubClient(Settings);
        Assert.Contains(
            "model.safetensors",
            (await Assert.ThrowsAsync<RefusalException>(() => hub.Fetch(Pretrained.Find("resnet34.a1_in1k")!, refresh: false, CancellationToken.None))).Message,
            StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Shards_are_downloaded_with_their_index_and_small_files_are_verified_by_gits_checksum()
    {
        // The index is small, so its ETag is the SHA-1 of Git.
        _server.With(Tag.Repository, ShardIndex.FileName, """{"weight_map":{"a":"s1.safetensors"}}"""u8.ToArray())
            .With(Tag.Repository, "s1.safetensors", Safetensors("a", 2000));
        var file = await Fetch(Settings);
        Assert.Equal((2000, ShardIndex.FileName), (file.Bytes, file.File));
        Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(file.Path)!, "s1.safetensors")));
        File.Delete(Path.Combine(Path.GetDirectoryName(file.Path)!, "s1.safetensors"));
        Assert.Null(new HubClient(Settings).FindCached(Tag));
    }

    [Fact(Timeout = Patience)]
    public async Task Concurrent_fetches_download_a_file_once()
    {
        var bytes = Serve(3_000_000);
        var files = await Task.WhenAll(Fetch(Settings), Fetch(Settings), Fetch(Settings));
        Assert.All(files, f => Assert.Equal(bytes, File.ReadAllBytes(f.Path)));
        Assert.Equal(3_000_000, files.Sum(f => f.Downloaded));
    }

    [Theory(Timeout = Patience)]
    [InlineData("<!DOCTYPE html><html><body>Sign in to the proxy to continue with this download, please.</body></html>", "an HTML page, not weights")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32\nsize 12345\n", "a Git LFS pointer")]
    [InlineData("{\"error\": \"You have exceeded your quota for this month, see the page of your account\"}", "a JSON text, not weights")]
    [InlineData("not weights, but more than sixty-four bytes of text that somebody sent instead of them", "a text file, not weights")]
    public async Task Content_that_is_no_weights_is_deleted_and_never_linked(string content, string sentence)
    {
        _server.With(Tag.Repository, "model.safetensors", System.Text.Encoding.UTF8.GetBytes(content));
        foreach (var hides in new[] { false, true })
        {
            _server.HidesSize = hides;
            var refusal = await Refused(Settings);
            Assert.Contains(sentence, refusal.Message, StringComparison.Ordinal);
            Assert.Contains("check HF_ENDPOINT and the proxy", refusal.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(".incomplete", refusal.Message, StringComparison.Ordinal);
            Assert.Empty(Directory.EnumerateFiles(Path.Combine(Repository, "blobs")));
            Assert.False(Directory.Exists(Path.Combine(Repository, "snapshots")));
            Assert.Null(new HubClient(Settings).FindCached(Tag));
        }
    }

    [Theory(Timeout = Patience)]
    [InlineData("file:///etc")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("size:x")]
    public async Task A_redirect_to_anything_but_the_web_is_refused(string store)
    {
        Serve(1000);
        _server.Store = store;
        var refusal = await Refused(Settings);
        Assert.Contains($"redirects to {store}", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("expected an http address; check HF_ENDPOINT and the proxy.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_file_without_a_size_is_accepted_by_its_content_and_bounded()
    {
        Serve(50_000);
        _server.HidesSize = true;
        var refusal = await Refused(Settings with { MaxBytes = 40_000 });
        Assert.Contains("has more than 40000 bytes and no size in its description", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(50_000, (await Fetch(Settings)).Downloaded);
    }

    [Fact(Timeout = Patience)]
    public async Task A_large_index_is_refused_before_it_is_downloaded()
    {
        _server.With(Tag.Repository, ShardIndex.FileName, new byte[16_000_001]);
        Assert.Contains("would have 16000001 bytes, expected at most 16000000", (await Refused(Settings)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Requests, r => r.Line.StartsWith("GET", StringComparison.Ordinal));
    }

    [Theory(Timeout = Patience)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_download_that_trickles_is_given_up_and_can_be_resumed(bool reconnects)
    {
        Serve(100_000);
        _server.Drip = reconnects ? null : TimeSpan.FromMilliseconds(20);
        _server.CutAfter = reconnects ? 1 : null;
        var slow = Settings with { LeastBytesPerSecond = 10_000, RateWindow = TimeSpan.FromMilliseconds(500), Pause = TimeSpan.FromMilliseconds(20) };
        var refusal = await Refused(slow);
        Assert.Contains("fewer than 10000 bytes per second for 0.5 seconds; run it again to resume", refusal.Message, StringComparison.Ordinal);
        (_server.Drip, _server.CutAfter) = (null, null);
        var file = await Fetch(slow);
        Assert.True(file.Downloaded < 100_000, $"{file.Downloaded} bytes");
    }

    [Fact]
    public void The_environment_has_the_same_meaning_as_for_pythons_tools()
    {
        _folder.With("home/.cache/huggingface/token", "hf_file\n").With("other/token", "hf_other");
        var home = Path.Combine(_folder.Root, "home");
        var plain = From(("HOME", home));
        Assert.Equal(
            ("https://huggingface.co/", Path.Combine(home, ".cache", "huggingface", "hub"), "hf_file", false),
            (plain.Endpoint.ToString(), plain.Cache, plain.Token, plain.Offline));
        Assert.Equal("hf_env", From(("HOME", home), ("HF_TOKEN", "hf_env ")).Token);
        Assert.Null(From(("HOME", home), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        var moved = From(
            ("HOME", home), ("HF_HOME", Path.Combine(_folder.Root, "other")), ("HF_ENDPOINT", "http://mirror:8080/hf/"), ("HF_HUB_OFFLINE", "yes"),
            ("HF_HUB_DOWNLOAD_TIMEOUT", "3"));
        Assert.Equal(
            ("hf_other", Path.Combine(_folder.Root, "other", "hub"), "http://mirror:8080/hf", true, 3.0),
            (moved.Token, moved.Cache, moved.Endpoint.ToString(), moved.Offline, moved.Timeout.TotalSeconds));
        Assert.Equal(Path.Combine(home, "x"), From(("HOME", home), ("HF_HUB_CACHE", "~/x"), ("HUGGINGFACE_HUB_CACHE", "/y")).Cache);
        Assert.Equal("/y", From(("HOME", home), ("HUGGINGFACE_HUB_CACHE", "/y")).Cache);
        Assert.Equal("/z/huggingface/hub", From(("HOME", home), ("XDG_CACHE_HOME", "/z")).Cache);
        Assert.Contains("HF_ENDPOINT", Assert.Throws<RefusalException>(() => From(("HF_ENDPOINT", "mirror"))).Message, StringComparison.Ordinal);

        static HubSettings From(params (string Name, string Value)[] variables) =>
            HubSettings.From(name => variables.FirstOrDefault(v => v.Name == name).Value);
    }

    private byte[] Serve(int length)
    {
        var bytes = Safetensors("w", length);
        _server.With(Tag.Repository, "model.safetensors", bytes);
        return bytes;
    }

    /// <summary>A file of one tensor with exactly that many bytes.</summary>
    private static byte[] Safetensors(string name, int length)
    {
        const int Header = 128;
        var count = length - Header - 8;
        var header = $$$"""{"{{{name}}}":{"dtype":"U8","shape":[{{{count}}}],"data_offsets":[0,{{{count}}}]}}""".PadRight(Header);
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            bytes[i] = (byte)((i * 31) ^ (i >> 8));
        }

        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, Header);
        System.Text.Encoding.ASCII.GetBytes(header).CopyTo(bytes, 8);
        return bytes;
    }

    private async Task<HubFile> Fetch(HubSettings settings, bool refresh = false)
    {
        using var hub = new HubClient(settings)
        {
            Log = line =>
            {
                lock (_log)
                {
                    _log.Add(line);
                }
            },
        };
        return await hub.Fetch(Tag, refresh, TestContext.Current.CancellationToken);
    }

    private Task<RefusalException> Refused(HubSettings settings) => Assert.ThrowsAsync<RefusalException>(() => Fetch(settings));
}
