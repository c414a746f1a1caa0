package import AssayBundle
package import AssayImage
package import AssayInspection
import AssayRecord
import Foundation
import Synchronization

/// The pictures of a part that go into the record.
package struct Keepsake: Sendable {
  /// Longest side of a thumbnail in pixels.
  package static let side = 160

  /// A JPEG.
  package let thumbnail: [UInt8]
  package let heat: HeatSketch?
  /// SHA-256 of the image as it came.
  package let imageHash: String
  package let width: Int
  package let height: Int

  /// nil when no thumbnail could be written.
  /// - Parameter heat: nil for an image that has no verdict.
  package init?(_ image: Image, _ heat: HeatSketch?, _ picture: KeepsakeMaker.Picture) {
    guard let thumbnail = picture.thumbnail else { return nil }
    self.thumbnail = thumbnail
    self.heat = heat
    imageHash = picture.hash
    width = image.fullWidth
    height = image.fullHeight
  }
}

/// Makes of an image what its verdict has no part in, beside the worker when a core is free for it.
package final class KeepsakeMaker: @unchecked Sendable {
  package struct Picture: Sendable {
    /// A JPEG; nil when none can be written.
    package let thumbnail: [UInt8]?
    /// SHA-256 of the image as it came.
    package let hash: String
  }

  /// One that is being made.
  package final class Pending: Sendable {
    private let done = DispatchSemaphore(value: 0)
    private let made = Mutex<Picture?>(nil)

    fileprivate func finish(_ picture: Picture) {
      made.withLock { $0 = picture }
      done.signal()
    }

    /// Blocks until it is made. To be called once.
    package func wait() -> Picture? {
      done.wait()
      return made.withLock { $0 }
    }
  }

  /// Only used on `queue`.
  private let thumbnails = ThumbnailMaker(maxSide: Keepsake.side)
  private let queue = DispatchQueue(label: "assay.keepsake", qos: .userInitiated)

  package func picture(of image: Image, input: PartInput) -> Picture { queue.sync { make(image, input) } }

  package func begin(_ image: Image, of input: PartInput) -> Pending {
    let pending = Pending()
    queue.async { pending.finish(self.make(image, input)) }
    return pending
  }

  private func make(_ image: Image, _ input: PartInput) -> Picture {
    Picture(thumbnail: try? thumbnails.jpeg(of: image), hash: input.hash)
  }
}

extension InspectionEntry {
  /// What the record keeps of a part.
  /// - Parameter image: the image as it came, when the policy keeps it.
  package init(
    _ answer: InspectAnswer, bundle: ModelBundle, keepsake: Keepsake, featureDistance: Double?, brightness: Double?,
    image: [UInt8]?
  ) throws {
    let inspection = answer.inspection
    self.init(
      time: Date().timeIntervalSince1970, serial: answer.serial, bundle: answer.model, bundleHash: bundle.identity,
      verdict: inspection.verdict.rawValue, class: inspection.class, score: inspection.score,
      threshold: inspection.threshold, probability: inspection.probability,
      answer: String(decoding: try answer.document(), as: UTF8.self),
      milliseconds: answer.milliseconds, isUncertain: inspection.isUncertain, featureDistance: featureDistance,
      brightness: brightness, imageHash: keepsake.imageHash, width: keepsake.width, height: keepsake.height,
      thumbnail: keepsake.thumbnail,
      heat: keepsake.heat?.values ?? [], heatWidth: keepsake.heat?.width ?? 0, image: image,
      isTrial: answer.isTrial ?? false)
  }

  /// What the record keeps of a part for which the network had no finite answer. Its image is kept whole: it shows what the
  /// bundle fails at.
  package init(
    _ failure: InspectionFailure, bundle: ModelBundle, keepsake: Keepsake, image: [UInt8]?
  ) throws {
    self.init(
      time: Date().timeIntervalSince1970, serial: failure.serial, bundle: failure.model, bundleHash: bundle.identity,
      verdict: Self.errorVerdict, class: "", score: nil, threshold: nil, probability: nil,
      answer: String(decoding: try InspectAnswer.json(failure), as: UTF8.self), milliseconds: failure.milliseconds,
      isUncertain: false, featureDistance: nil, imageHash: keepsake.imageHash, width: keepsake.width,
      height: keepsake.height, thumbnail: keepsake.thumbnail, heat: [], heatWidth: 0, image: image,
      isTrial: failure.isTrial ?? false)
  }
}

extension StationOptions.ImagePolicy {
  package func keeps(_ inspection: Inspection) -> Bool {
    switch self {
    case .none: false
    case .uncertain: inspection.isUncertain
    case .defects: inspection.isUncertain || inspection.verdict == .defect
    case .all: true
    }
  }
}
