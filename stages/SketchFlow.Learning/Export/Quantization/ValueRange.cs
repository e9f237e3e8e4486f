namespace SketchFlow.Learning.Export.Quantization;

/// <summary>Range of a value that is stored in 8 bits without a sign. Numbers outside become the nearest end.</summary>
/// <param name="Low">Smallest number, at most 0.</param>
/// <param name="High">Largest number, at least 0.</param>
public readonly record struct ValueRange(float Low, float High)
{
    private const int Steps = byte.MaxValue;

    /// <summary>Distance of neighbouring numbers.</summary>
    public float Scale => High > Low ? (High - Low) / Steps : 1;

    /// <summary>The stored level that stands for 0, so that zeros of borders and activations stay exact.</summary>
    public byte ZeroPoint => (byte)Math.Clamp(MathF.Round(-Low / Scale), 0, Steps);

    /// <summary>Returns the number that is stored in place of another.</summary>
    public double Round(double number) => Scale * (Math.Clamp(Math.Round(number / Scale) + ZeroPoint, 0, Steps) - ZeroPoint);
}
