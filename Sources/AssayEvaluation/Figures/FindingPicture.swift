package import AssayBundle
import AssayImage
package import AssayInspection

/// What was found on a part, as a small picture of a report.
package enum FindingPicture {
  /// Longer side of a picture in pixels.
  package static let side = 320

  /// With the finished bundle.
  /// - Throws: when a picture has gone since it was inspected.
  package static func draw(_ session: InspectionSession, path: String, _ manifest: Manifest, maximumPixels: Int) throws
    -> [UInt8]
  {
    let bytes = try ImageFile.contents(path: path, maximumPixels: maximumPixels)
    return try draw(try session.inspect(bytes, name: path), manifest)
  }

  package static func draw(_ finding: Finding, _ manifest: Manifest) throws -> [UInt8] {
    try Overlay.draw(
      finding, preprocessing: manifest.preprocessing, mapScale: manifest.network.mapScale, maximumSide: side, banner: ""
    ).jpeg(quality: 80)
  }
}
