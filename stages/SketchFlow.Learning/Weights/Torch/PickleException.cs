namespace SketchFlow.Learning.Weights.Torch;

/// <summary>A pickle that cannot be read. The message is a clause without a full stop, which the caller completes to a sentence.</summary>
internal sealed class PickleException(string fault) : Exception(fault);
