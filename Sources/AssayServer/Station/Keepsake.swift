import AssayImage
import AssayModel
import AssayRuntime
import AssayWorkflows

/// The pictures of a part that go into the record, made by the worker that has the pixels at hand.
struct Keepsake: Sendable {
  /// Longest side of a thumbnail in pixels.
  static let side = 160

  /// A JPEG.
  let thumbnail: [UInt8]
  let heat: HeatSketch?
  /// SHA-256 of the image as it came.
  let imageHash: String
  let width: Int
  let height: Int

  /// nil when no thumbnail can be written.
  init?(_ finding: Inspector.Finding, _ manifest: Manifest, bytes: [UInt8]) {
    guard let thumbnail = try? Canvas(finding.image).thumbnail(maxSide: Self.side).jpeg(quality: 80) else { return nil }
    self.thumbnail = thumbnail
    heat = HeatSketch(finding, manifest)
    imageHash = SHA256Digest(of: bytes).hex
    width = finding.image.fullWidth
    height = finding.image.fullHeight
  }
}
