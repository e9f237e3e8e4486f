using System.Text;
using SketchFlow.Fuzz.Formats;
using SketchFlow.Pipeline.Tracking.Mlflow;

namespace SketchFlow.Fuzz.Readers.Servers;

/// <summary>Answers of an MLflow server.</summary>
public sealed class MlflowReader() : Reader("mlflow-answer", new JsonParts())
{
    /// <inheritdoc/>
    public override IEnumerable<byte[]> CreateSeeds(string folder)
    {
        static string Answer(string body, string status = "200 OK") =>
            $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
        const string Run = """{"run": {"info": {"run_id": "abc", "run_uuid": "abc"}}}""";
        yield return Encoding.ASCII.GetBytes(string.Join(
            AnswerServer.Separator, Answer("""{"experiment": {"experiment_id": "7", "name": "few"}}"""), Answer(Run), Answer("{}")));
        yield return Encoding.ASCII.GetBytes(string.Join(
            AnswerServer.Separator, Answer("""{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}""", "404 Not Found"),
            Answer("""{"experiment_id": "8"}"""), Answer(Run), Answer("{}")));
    }

    /// <inheritdoc/>
    public override string? Read(byte[] input, string folder)
    {
        AnswerServer.Instance.Answer(input);
        return TrackerRun.Track(folder, new MlflowServer(AnswerServer.Instance.Address, _ => null, TimeSpan.FromSeconds(5)));
    }
}
