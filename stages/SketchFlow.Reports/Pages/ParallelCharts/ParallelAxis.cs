using System.Globalization;

namespace SketchFlow.Reports.Pages.ParallelCharts;

/// <summary>
/// An axis of parallel coordinates: numbers are placed by value, by its logarithm where the largest is 20 times the smallest or more; other values are
/// spread evenly in ordinal order.
/// </summary>
internal sealed class ParallelAxis
{
    private const double LogarithmFrom = 20;
    private const int MostMarks = 12;
    private const int MostLetters = 18;

    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly bool _isNumber;
    private readonly bool _isLogarithm;
    private readonly double _low;
    private readonly double _high;

    /// <summary>Creates the axis of some values.</summary>
    /// <param name="name">Name of the axis.</param>
    /// <param name="number">Number of the axis from the left, from 0.</param>
    /// <param name="values">The values; null for none.</param>
    public ParallelAxis(string name, int number, IEnumerable<string?> values)
    {
        (Name, X, TitleY) = (name, ParallelLayout.Left + (number * ParallelLayout.Gap), number % 2 == 0 ? 14 : 32);
        string[] known = [.. values.OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        double?[] numbers = [.. known.Select(Number)];
        _isNumber = known.Length > 0 && numbers.All(value => value is not null);
        if (_isNumber)
        {
            (_low, _high) = (numbers.Min()!.Value, numbers.Max()!.Value);
            _isLogarithm = _low > 0 && _high >= LogarithmFrom * _low;
            Marks = [.. known.Select(value => (Text: value, Place: PlaceOf(value)!.Value)).Where(mark => known.Length <= 3 || mark.Place is 0 or 1)
                .DistinctBy(mark => mark.Place).Select(Mark)];
        }
        else
        {
            for (var i = 0; i < known.Length; i++)
            {
                _texts.Add(known[i], i);
            }

            var every = Math.Max(1, (known.Length + MostMarks - 1) / MostMarks);
            Marks = [.. known.Where((_, i) => i % every == 0).Select(value => Mark((value, PlaceOf(value)!.Value)))];
        }
    }

    /// <summary>Name of the axis.</summary>
    public string Name { get; }

    /// <summary>Distance from the left edge, in units of the drawing.</summary>
    public int X { get; }

    /// <summary>Height of the name; neighbours are at different ones.</summary>
    public int TitleY { get; }

    /// <summary>Left end of the labels of the marks.</summary>
    public int LabelX => X + 6;

    /// <summary>Some values, with their places.</summary>
    public IReadOnlyList<ParallelMark> Marks { get; }

    /// <summary>Returns the place of a value, 0 at the bottom and 1 at the top; null if there is none.</summary>
    public double? PlaceOf(string? value)
    {
        if (value is null)
        {
            return null;
        }

        if (!_isNumber)
        {
            return _texts.Count == 1 ? 0.5 : (double)_texts[value] / (_texts.Count - 1);
        }

        var number = Number(value)!.Value;
        return _low >= _high ? 0.5
            : _isLogarithm ? Math.Log(number / _low) / Math.Log(_high / _low)
            : (number - _low) / (_high - _low);
    }

    private static ParallelMark Mark((string Text, double Place) mark) => new(
        ParallelLayout.Height(mark.Place), mark.Text.Length <= MostLetters ? mark.Text : $"{mark.Text[..(MostLetters - 1)]}…");

    private static double? Number(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
