namespace SketchFlow.Learning.Training.Schedules;

/// <summary>State of the plateau schedule after the validations so far; resume files contain it.</summary>
/// <param name="Factor">Learning rate as a share of the peak.</param>
/// <param name="Best">Best metric; null before the first validation.</param>
/// <param name="Waited">Number of epochs since the best metric.</param>
/// <param name="Resting">Number of coming epochs that do not count towards a reduction.</param>
public sealed record PlateauState(double Factor = 1, double? Best = null, int Waited = 0, int Resting = 0);
