namespace StreamRec.Models.Towers;

/// <summary>A tower as a bundle has it: immutable.</summary>
/// <param name="Manifest">What the rows stand for.</param>
/// <param name="Values">[H+1,D+1], row-major, all finite: of each feature a vector, and behind it a bias.</param>
public sealed record TowerRows(TowerManifest Manifest, float[] Values)
{
    /// <summary>D.</summary>
    public int Dimension => (Values.Length / (Manifest.Features.Count + 1)) - 1;
}
