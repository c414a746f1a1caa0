import Foundation
import Synchronization

/// What long work will cost, known from its first few items.
public struct WorkEstimate: Sendable {
  /// How often the network looks, in all.
  public let looks: Int
  public let images: Int
  public let seconds: Double
  /// What will be written, and where.
  public let diskBytes: Int
  public let folder: String?
  public let freeBytes: Int?

  package init(looks: Int, images: Int, seconds: Double, diskBytes: Int, folder: String?, freeBytes: Int?) {
    self.looks = looks
    self.images = images
    self.seconds = seconds
    self.diskBytes = diskBytes
    self.folder = folder
    self.freeBytes = freeBytes
  }

  /// `11520 looks at 320 images, about 4 min; 6.4 GiB on disk in FOLDER, where 51.0 GiB are free`
  public var sentence: String {
    var text = "\(looks) \(looks == 1 ? "look" : "looks") at \(images) \(images == 1 ? "image" : "images"), about "
    text += Self.text(seconds: seconds)
    if let folder, diskBytes > 0 {
      text += "; \(DiskSpace.text(diskBytes)) on disk in \(folder)"
      if let freeBytes { text += ", where \(DiskSpace.text(freeBytes)) are free" }
    }
    return text
  }

  /// Worth a line: it takes a while, or much room.
  public var isLong: Bool { seconds >= 5 || diskBytes >= 256 << 20 }

  /// `40 s`, `4 min`, `2.5 h`
  public static func text(seconds: Double) -> String {
    switch seconds {
    case ..<90: "\(max(1, Int(seconds.rounded(.up)))) s"
    case ..<5_400: "\(Int((seconds / 60).rounded(.up))) min"
    default: String(format: "%.1f h", seconds / 3600)
    }
  }
}

/// Tells once, after the first few items, how long all of them will take.
final class WorkForecast: Sendable {
  private struct State {
    var begun: ContinuousClock.Instant?
    var done = 0
    var isTold = false
  }

  private let state = Mutex(State())
  private let plan: (looks: Int, images: Int, diskBytes: Int, folder: String?)
  private let first: Int
  private let tell: @Sendable (WorkEstimate) -> Void

  /// - Parameters:
  ///   - plan: what is yet to be computed.
  ///   - workers: threads; so many items are begun at once.
  init(
    _ plan: (looks: Int, images: Int, diskBytes: Int, folder: String?), workers: Int,
    tell: @escaping @Sendable (WorkEstimate) -> Void
  ) {
    self.plan = plan
    first = min(plan.looks, 4 * max(1, workers))
    self.tell = tell
  }

  /// Before an item: the clock runs from the first one on.
  func begin() {
    state.withLock { if $0.begun == nil { $0.begun = .now } }
  }

  /// After an item.
  func finish() {
    let estimate = state.withLock { state -> WorkEstimate? in
      state.done += 1
      guard !state.isTold, state.done >= first, let begun = state.begun else { return nil }
      state.isTold = true
      let passed = (ContinuousClock.now - begun) / .seconds(1)
      return WorkEstimate(
        looks: plan.looks, images: plan.images, seconds: passed / Double(state.done) * Double(plan.looks),
        diskBytes: plan.diskBytes, folder: plan.folder, freeBytes: plan.folder.flatMap(DiskSpace.free))
    }
    if let estimate, estimate.isLong { tell(estimate) }
  }
}
