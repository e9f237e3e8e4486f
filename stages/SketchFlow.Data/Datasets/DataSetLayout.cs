namespace SketchFlow.Data.Datasets;

/// <summary>Layout of a data set's folder.</summary>
public enum DataSetLayout
{
    /// <summary><c>train.csv</c> (class_name, image_path, target) with <c>train/</c>, and <c>test.csv</c> (image_path) with <c>test/</c>.</summary>
    Competition,

    /// <summary>A folder per class: <c>train/&lt;class&gt;/*</c> with optional <c>val/</c> and <c>test/</c>, or <c>&lt;class&gt;/*</c> directly.</summary>
    Folders,

    /// <summary>Parquet shards that contain the images.</summary>
    Parquet,
}
