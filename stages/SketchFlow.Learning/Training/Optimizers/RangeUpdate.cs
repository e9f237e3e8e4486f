namespace SketchFlow.Learning.Training.Optimizers;

/// <summary>The numbers by which an <see cref="UpdateRule"/> moves one range of parameters in one step.</summary>
/// <param name="Age">Number of steps of these parameters, this one included.</param>
/// <param name="Rate">Learning rate; for tensor operations with factors, still to be multiplied by them.</param>
/// <param name="Decay">Weight decay; 0 for parameters that are excluded from it.</param>
/// <param name="Factor">Factor of the gradients, from clipping and the loss scale. Tensor operations receive gradients already multiplied by it.</param>
internal readonly record struct RangeUpdate(long Age, double Rate, double Decay, double Factor);
