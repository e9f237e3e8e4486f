using System.Globalization;
using SketchFlow.Data.Messages;
using SketchFlow.Reports.Pages.DataPages;

namespace SketchFlow.Pipeline.Exploring;

/// <summary>Prepares the map of the images for the page.</summary>
internal static class ExplorationMap
{
    /// <summary>Lays out the map.</summary>
    /// <param name="found">The exploration.</param>
    public static ScatterMap Create(DataExploration found)
    {
        ArgumentNullException.ThrowIfNull(found);
        var map = found.Map;
        // Images without a label follow the classes.
        int[] classes = [.. map.Images.Select(at => found.Images[at].Sample.Target ?? found.Data.Classes.Length)];
        var neighbours = classes.Select((own, place) => (Own: own, Others: map.Neighbours[place].Select(n => classes[n])))
            .SelectMany(p => p.Others.Select(other => (p.Own, Other: other))).CountBy(p => p).ToLookup(p => p.Key.Own, p => (p.Key.Other, p.Value));
        var names = classes.Contains(found.Data.Classes.Length) ? [.. found.Data.Classes, "no label"] : found.Data.Classes;
        return new ScatterMap(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{map.Images.Length:N0} images as points: those whose strokes resemble each other are near. Directions and large distances have no meaning."),
            [.. names.Select((name, c) => Row(name, c, classes.Count(own => own == c), [.. neighbours[c]], names))],
            [
                .. map.Images.Select((at, place) => new ScatterPoint(
                    map.Points[place].X, map.Points[place].Y, classes[place], map.Neighbours[place],
                    $"{found.Images[at].Sample.ImagePath} ({found.Images[at].Split})")),
            ]);
    }

    private static ScatterClass Row(string name, int own, int images, IReadOnlyList<(int Class, int Count)> neighbours, IReadOnlyList<string> names)
    {
        double all = Math.Max(1, neighbours.Sum(n => n.Count));
        var other = neighbours.Where(n => n.Class != own).OrderByDescending(n => n.Count).ThenBy(n => n.Class).Take(1)
            .Select(n => $"{names[n.Class]} ({Percent.Text(n.Count / all)})").FirstOrDefault("");
        return new ScatterClass(
            name, images, images == 0 ? "" : Percent.Text(neighbours.Where(n => n.Class == own).Sum(n => n.Count) / all), other);
    }
}
