import AssayBundle
public import AssayImage

extension Inspector {
  /// Photograph, heat, region and verdict as one picture.
  /// - Parameter maximumSide: in pixels; larger photographs are reduced.
  public func draw(_ finding: Finding, maximumSide: Int = 1024) -> Canvas {
    Overlay.draw(
      finding, preprocessing: manifest.preprocessing, mapScale: manifest.network.mapScale, maximumSide: maximumSide)
  }
}
