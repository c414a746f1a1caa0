import AssayImage
import AssayModel
import AssayRecord
import AssayRuntime
import AssayWorkflows
import Foundation

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
  init?(_ finding: Inspector.Finding, _ manifest: Manifest, bytes: [UInt8], maker: ThumbnailMaker) {
    guard let thumbnail = try? maker.jpeg(of: finding.image) else { return nil }
    self.thumbnail = thumbnail
    heat = HeatSketch(finding, manifest)
    imageHash = SHA256Digest(of: bytes).hex
    width = finding.image.fullWidth
    height = finding.image.fullHeight
  }
}

extension InspectionEntry {
  /// What the record keeps of a part.
  /// - Parameter image: the image as it came, when the policy keeps it.
  init(
    _ answer: InspectAnswer, bundle: ModelBundle, keepsake: Keepsake, featureDistance: Double?, image: [UInt8]?
  ) throws {
    let inspection = answer.inspection
    self.init(
      time: Date().timeIntervalSince1970, serial: answer.serial, bundle: answer.model, bundleHash: bundle.identity,
      verdict: inspection.verdict.rawValue, class: inspection.class, score: inspection.score,
      threshold: inspection.threshold, probability: inspection.probability,
      answer: String(decoding: try answer.document(), as: UTF8.self),
      milliseconds: answer.milliseconds, isUncertain: answer.isUncertain, featureDistance: featureDistance,
      imageHash: keepsake.imageHash, width: keepsake.width, height: keepsake.height, thumbnail: keepsake.thumbnail,
      heat: keepsake.heat?.values ?? [], heatWidth: keepsake.heat?.width ?? 0, image: image)
  }
}

extension StationOptions.ImagePolicy {
  func keeps(_ inspection: Inspection) -> Bool {
    switch self {
    case .none: false
    case .uncertain: inspection.isUncertain
    case .defects: inspection.isUncertain || inspection.verdict == .defect
    case .all: true
    }
  }
}
