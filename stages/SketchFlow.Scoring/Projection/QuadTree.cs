namespace SketchFlow.Scoring.Projection;

/// <summary>Points of the plane in cells that are quartered until each has one point (Barnes and Hut, Nature 324, 1986).</summary>
internal sealed class QuadTree
{
    // Points that are nearer than 2^-40 of the width share a cell.
    private const int MaxDepth = 40;

    private readonly List<Cell> _cells = [];

    private QuadTree()
    {
    }

    /// <summary>Builds the tree.</summary>
    /// <param name="x">Horizontal coordinates of at least one point.</param>
    /// <param name="y">Vertical coordinates.</param>
    public static QuadTree Build(double[] x, double[] y)
    {
        var (left, top) = (x.Min(), y.Min());
        var half = Math.Max(1e-9, Math.Max(x.Max() - left, y.Max() - top) / 2);
        var tree = new QuadTree();
        tree._cells.Add(new Cell { CentreX = left + half, CentreY = top + half, Half = half, FirstChild = -1 });
        for (var i = 0; i < x.Length; i++)
        {
            tree.Insert(x[i], y[i]);
        }

        return tree;
    }

    /// <summary>Adds the repulsion of all points on one of them, by the kernel 1 / (1 + d²).</summary>
    /// <param name="x">Horizontal coordinate of a point of the tree.</param>
    /// <param name="y">Vertical coordinate of the point.</param>
    /// <param name="theta">Ratio of the width of a cell and its distance below which the cell is one point; at most 0.7.</param>
    /// <returns>The sum of the squared kernels times the differences, and the sum of the kernels without the point itself.</returns>
    public (double X, double Y, double Kernels) Repulsion(double x, double y, double theta)
    {
        var cells = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_cells);
        Span<int> waiting = stackalloc int[(4 * MaxDepth) + 8];
        // The point itself is in a cell at distance 0 with a kernel of 1, since cells around a point are never taken as one.
        var (forceX, forceY, kernels, count, square) = (0.0, 0.0, -1.0, 1, theta * theta);
        waiting[0] = 0;
        while (count > 0)
        {
            ref readonly var cell = ref cells[waiting[--count]];
            var (dx, dy) = (x - (cell.SumX / cell.Count), y - (cell.SumY / cell.Count));
            var distance = (dx * dx) + (dy * dy);
            if (cell.FirstChild >= 0 && 4 * cell.Half * cell.Half >= square * distance)
            {
                for (var child = cell.FirstChild; child < cell.FirstChild + 4; child++)
                {
                    if (cells[child].Count > 0)
                    {
                        waiting[count++] = child;
                    }
                }

                continue;
            }

            var kernel = 1 / (1 + distance);
            kernels += cell.Count * kernel;
            var strength = cell.Count * kernel * kernel;
            forceX += strength * dx;
            forceY += strength * dy;
        }

        return (forceX, forceY, kernels);
    }

    private void Insert(double x, double y)
    {
        var at = 0;
        for (var depth = 0; ; depth++)
        {
            var cell = _cells[at];
            var (sumX, sumY, count) = (cell.SumX, cell.SumY, cell.Count);
            (cell.SumX, cell.SumY, cell.Count) = (sumX + x, sumY + y, count + 1);
            var isOne = cell.FirstChild < 0 && (count == 0 || depth == MaxDepth || (sumX / count == x && sumY / count == y));
            if (!isOne && cell.FirstChild < 0)
            {
                cell.FirstChild = _cells.Count;
                AddChildren(cell);
                // The points that were in this cell, all of one place, move down together.
                var child = cell.FirstChild + Quarter(cell, sumX / count, sumY / count);
                _cells[child] = _cells[child] with { SumX = sumX, SumY = sumY, Count = count };
            }

            _cells[at] = cell;
            if (isOne)
            {
                return;
            }

            at = cell.FirstChild + Quarter(cell, x, y);
        }
    }

    private void AddChildren(Cell cell)
    {
        var half = cell.Half / 2;
        for (var quarter = 0; quarter < 4; quarter++)
        {
            _cells.Add(new Cell
            {
                CentreX = cell.CentreX + ((quarter & 1) == 0 ? -half : half),
                CentreY = cell.CentreY + ((quarter & 2) == 0 ? -half : half),
                Half = half,
                FirstChild = -1,
            });
        }
    }

    private static int Quarter(Cell cell, double x, double y) => (x > cell.CentreX ? 1 : 0) + (y > cell.CentreY ? 2 : 0);

    // Half is half the width; the sums are of the coordinates of the points; FirstChild is negative in a cell without children.
    private record struct Cell
    {
        public double CentreX { get; set; }

        public double CentreY { get; set; }

        public double Half { get; set; }

        public double SumX { get; set; }

        public double SumY { get; set; }

        public int Count { get; set; }

        public int FirstChild { get; set; }
    }
}
