namespace SketchFlow.Reports.Pages.DataPages;

/// <summary>A class on a map of images.</summary>
/// <param name="Name">Name of the class.</param>
/// <param name="Images">Number of images on the map.</param>
/// <param name="OwnNeighbours">Share of the neighbours of its images that are of the class too, as text.</param>
/// <param name="OtherClass">The class that most other neighbours have, with their share, as text; empty where there is none.</param>
public sealed record ScatterClass(string Name, int Images, string OwnNeighbours, string OtherClass);
