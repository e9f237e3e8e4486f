using SketchFlow.Data.Messages;

namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>A store rejected a call and would reject it again: a wrong password, a deleted run. The message is a clause without a full stop.</summary>
public sealed class MlflowRefusalException(string message) : Exception(PrintableText.Clean(message, PrintableText.MaxMessage));
