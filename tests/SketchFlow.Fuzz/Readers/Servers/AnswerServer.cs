using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SketchFlow.Fuzz.Readers.Servers;

/// <summary>A server on this machine that answers any request with given bytes: one answer for each request, the last one for all further requests.</summary>
#pragma warning disable CA1001 // The server lives as long as its process.
internal sealed class AnswerServer
#pragma warning restore CA1001
{
    /// <summary>The line between two answers.</summary>
    public const string Separator = "\n=====\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private byte[][] _answers = [[]];
    private int _next;

    private AnswerServer()
    {
        _listener.Start();
        new Thread(Accept) { IsBackground = true }.Start();
    }

    /// <summary>The server of this process.</summary>
    public static AnswerServer Instance { get; } = new();

    /// <summary>Address of the server.</summary>
    public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Sets the answers.</summary>
    public void Answer(byte[] input)
    {
        var separator = Encoding.ASCII.GetBytes(Separator);
        var (answers, rest) = (new List<byte[]>(), input.AsMemory());
        for (int at; (at = rest.Span.IndexOf(separator)) >= 0; rest = rest[(at + separator.Length)..])
        {
            answers.Add(rest[..at].ToArray());
        }

        answers.Add(rest.ToArray());
        (_answers, _next) = ([.. answers], 0);
    }

    private void Accept()
    {
        while (true)
        {
            using var client = _listener.AcceptTcpClient();
            try
            {
                client.SendTimeout = client.ReceiveTimeout = 2000;
                using var stream = client.GetStream();
                ReadRequest(stream);
                var answers = _answers;
                stream.Write(answers[Math.Min(_next++, answers.Length - 1)]);
            }
            catch (IOException)
            {
                // The client has closed the connection.
            }
        }
    }

    private static void ReadRequest(NetworkStream stream)
    {
        var (head, buffer) = (new StringBuilder(), new byte[4096]);
        while (stream.Read(buffer) is > 0 and var read)
        {
            head.Append(Encoding.Latin1.GetString(buffer, 0, read));
            var text = head.ToString();
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                continue;
            }

            var length = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase) is >= 0 and var at && at < end
                ? int.Parse(text.AsSpan(at + 16, text.IndexOf('\r', at) - at - 16), System.Globalization.CultureInfo.InvariantCulture)
                : 0;
            if (head.Length >= end + 4 + length)
            {
                return;
            }
        }
    }
}
