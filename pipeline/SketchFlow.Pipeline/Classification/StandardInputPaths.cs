using System.Collections.Concurrent;
using System.Text;
using SketchFlow.Data.Files;
using SketchFlow.Data.Outcomes;

namespace SketchFlow.Pipeline.Classification;

/// <summary>Reads paths from a stream, one per line, as they arrive.</summary>
public static class StandardInputPaths
{
    private const int LongestLine = 1 << 15;
    private const int Ahead = 256;

    /// <summary>Reads the lines on a thread of its own, so that a stream on which nothing arrives can be cancelled.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="RefusalException">The stream is not a list of paths.</exception>
    public static IEnumerable<string> Read(Stream stream, CancellationToken cancellation)
    {
        using var lines = new BlockingCollection<string>(Ahead);
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Exception? fault = null;
        var queue = lines;
        var token = stopped.Token;
        var reader = new Thread(() =>
        {
            try
            {
                foreach (var line in Split(stream))
                {
                    queue.Add(line, token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception e)
            {
                fault = e;
            }

            Complete(queue);
        })
        {
            IsBackground = true,
            Name = "paths",
        };
        reader.Start();
        try
        {
            foreach (var line in lines.GetConsumingEnumerable(cancellation))
            {
                yield return line;
            }
        }
        finally
        {
            stopped.Cancel();
        }

        if (fault is not null)
        {
            throw fault is RefusalException ? fault : new RefusalException($"Standard input cannot be read: {fault.Message}", fault);
        }
    }

    private static void Complete(BlockingCollection<string> queue)
    {
        try
        {
            queue.CompleteAdding();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits for lines any more.
        }
    }

    private static IEnumerable<string> Split(Stream stream)
    {
        var (buffer, line, isFirst) = (new byte[1 << 16], new List<byte>(), true);
        while (stream.Read(buffer) is > 0 and var read)
        {
            if (isFirst && FileKind.Recognise(buffer.AsSpan(0, read)) is { IsImage: true } kind)
            {
                throw new RefusalException($"Standard input is {kind.Name}, not a list of paths; use --stdin-image instead of -.");
            }

            isFirst = false;
            for (var i = 0; i < read; i++)
            {
                if (buffer[i] != (byte)'\n')
                {
                    line.Add(buffer[i]);
                    if (line.Count > LongestLine)
                    {
                        throw new RefusalException($"Standard input has a line of more than {LongestLine} bytes, expected one path per line.");
                    }
                }
                else if (Take(line) is { Length: > 0 } path)
                {
                    yield return path;
                }
            }
        }

        if (Take(line) is { Length: > 0 } last)
        {
            yield return last;
        }
    }

    private static string Take(List<byte> line)
    {
        var text = Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
        line.Clear();
        return text;
    }
}
