namespace SketchFlow.Pipeline.Tracking.Mlflow;

/// <summary>A store said no, in a way that asking again does not change: a wrong password, a run that was deleted.</summary>
public sealed class MlflowRefusalException(string message) : Exception(message);
