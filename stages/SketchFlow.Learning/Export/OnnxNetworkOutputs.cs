namespace SketchFlow.Learning.Export;

/// <summary>Names of what a network computes in an ONNX graph.</summary>
/// <param name="Logits">Logits, float32, (N, classes).</param>
/// <param name="Embedding">Input of the classifier, float32, (N, features): timm's pooled features (<c>forward_head(pre_logits=True)</c>).</param>
/// <param name="Features">Number of features.</param>
public sealed record OnnxNetworkOutputs(string Logits, string Embedding, long Features);
