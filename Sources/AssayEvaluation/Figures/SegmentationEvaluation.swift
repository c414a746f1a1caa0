package import AssayBase
public import AssayBundle
package import AssayData
public import AssayImage
import AssayInspection
import AssayMetrics
package import AssayRuntime
import Foundation
import Synchronization

/// How well the pixels of each class are marked.
public struct SegmentationEvaluation: Sendable {
  public struct ClassFigures: Sendable, Encodable {
    public let name: String
    /// Images on which the class is marked.
    public let images: Int
    /// Of all pixels together; nil when none is marked in truth or by the inspector.
    public let dice: Double?
    public let intersectionOverUnion: Double?
    /// To a false-positive rate of 0.3.
    public let perRegionOverlap: Double?
  }

  public let classes: [ClassFigures]
  /// Severstal's metric: mean Dice over image and class, 1 where both masks are empty.
  public let meanDice: Double?
  public let images: Int
  public let metrics: [Manifest.Metric]
  /// Why images took no part: marks that cannot be read.
  public let unreadable: [ImageError]

  /// What the user must know.
  public var warnings: [String] { Self.warnings(unreadable, "took no part in testing how pixels are marked") }

  package static func warnings(_ unreadable: [ImageError], _ what: String) -> [String] {
    guard let first = unreadable.first else { return [] }
    let count = unreadable.count == 1 ? "An image whose marks cannot" : "\(unreadable.count) images whose marks cannot"
    return ["\(count) be read \(what): \(first)."]
  }

  /// Pixels of a class are marked on images on which it was found, from its pixel threshold on. AU-PRO looks at the
  /// probabilities of all images, found or not.
  ///
  /// Images with a class whose place is not known take no part.
  /// - Parameter pictures: each sample's file, where it was hashed when it was read first.
  /// - Returns: nil when the manifest has no segmentation, or no image could be judged.
  package init?(
    _ network: Network, _ manifest: Manifest, _ samples: [(sample: Sample, picture: KnownPicture?)], goodClass: String?,
    maximumPixels: Int,
    basis: String,
    progress: @escaping ProgressHandler
  ) throws {
    guard let segmentation = manifest.kind.spec.pixelMarks else { return nil }
    let decision = manifest.rule
    let taking = samples.filter { $0.sample.hasPixelTruth(of: $0.sample.defects(goodClass: goodClass)) }
    let (judged, pictures) = (taking.map(\.sample), taking.map(\.picture))
    guard judged.contains(where: \.hasPixelTruth) else { return nil }
    let rule = manifest.preprocessing
    let names = segmentation.classes ?? manifest.classes
    let state = Mutex(State(count: names.count))
    // Sums are made in the images' order, so that a bundle is the same every time.
    let queue = OrderedDelivery<[Judged]?> { _, images in
      state.withLock { state in
        for (k, own) in (images ?? []).enumerated() {
          state.overlaps[k].add(marked: own.marked, truth: own.truth)
          state.pixels[k].add(scores: own.scores, mask: own.truth, width: own.width, height: own.height)
          if own.truth.contains(true) { state.images[k] += 1 }
        }
        state.done += 1
        progress(WorkProgress("pixels", state.done, judged.count))
      }
    }
    let refused = Mutex<(failure: (any Error)?, marks: [Int: ImageError])>((nil, [:]))
    try InferencePipeline(network, rule).run(
      count: judged.count,
      load: { (index) throws(ImageError) in
        let options = rule.decodingOptions(maximumPixels: maximumPixels)
        guard let picture = pictures[index] else {
          return try ImageFile.read(path: judged[index].path, options: options)
        }
        return try picture.read(options)
      },
      finish: { index, outcome in
        var classes: [Judged]?
        defer { queue.deliver(index, classes) }
        do {
          switch outcome {
          case .failed(let error): throw error
          case .inferred(let request, let image):
            let (width, height) = (image.fullWidth, image.fullHeight)
            let placement = rule.plan(for: image)
            let values = try request.withOutput("probabilities", { $0.map(Double.init) })
            let found = decision.foundClasses(values)
            var own: [Judged] = []
            for (k, name) in names.enumerated() {
              guard let map = try SegmentationMap(request, class: k, name: judged[index].path) else {
                throw WorkflowError(.badData, "the graph marks no pixels of the class \(name); train it again")
              }
              let nothing = [Bool](repeating: false, count: width * height)
              let truth: [Bool]
              do throws(ImageError) {
                truth = try judged[index].markedPixels(of: name, width: width, height: height) ?? nothing
              } catch {
                // A mask that cannot be read says nothing of its image, and that is said.
                refused.withLock { $0.marks[index] = error }
                return
              }
              let scores = map.atFullResolution(placement, rule)
              let marked = found.contains(name) ? scores.map { Double($0) >= segmentation.thresholds[k] } : nothing
              own.append(Judged(marked: marked, truth: truth, scores: scores, width: width, height: height))
            }
            classes = own
          }
        } catch {
          refused.withLock { $0.failure = $0.failure ?? error }
        }
      })
    let (failure, marks) = refused.withLock { $0 }
    if let failure { throw failure }
    unreadable = marks.sorted { $0.key < $1.key }.map(\.value)
    let result = state.withLock { $0 }
    images = result.overlaps.first?.imageCount ?? 0
    guard images > 0 else { return nil }
    classes = names.indices.map { k in
      ClassFigures(
        name: names[k], images: result.images[k], dice: result.overlaps[k].dice,
        intersectionOverUnion: result.overlaps[k].intersectionOverUnion,
        perRegionOverlap: result.pixels[k].perRegionOverlapArea(limit: 0.3))
    }
    meanDice = OverlapScores.meanDice(result.overlaps)
    let count = images
    func mean(_ name: String, _ values: [Double?]) -> Manifest.Metric? {
      let known = values.compactMap { $0 }
      guard !known.isEmpty else { return nil }
      return Manifest.Metric(
        name: name, value: known.reduce(0, +) / Double(known.count), low: nil, high: nil, count: count, on: basis)
    }
    metrics = [
      mean("Dice (mean over classes)", classes.map(\.dice)),
      mean("IoU (mean over classes)", classes.map(\.intersectionOverUnion)),
      mean("AU-PRO to 0.3 (mean over classes)", classes.map(\.perRegionOverlap)),
      mean("Dice (mean over image and class)", [meanDice]),
    ].compactMap { $0 }
  }

  /// One class on one image.
  private struct Judged: Sendable {
    let marked: [Bool]
    let truth: [Bool]
    let scores: [Float]
    let width: Int
    let height: Int
  }

  private struct State: Sendable {
    var overlaps: [OverlapScores]
    var pixels: [SegmentationScores]
    var images: [Int]
    var done = 0

    init(count: Int) {
      overlaps = Array(repeating: OverlapScores(), count: count)
      pixels = Array(repeating: SegmentationScores(), count: count)
      images = Array(repeating: 0, count: count)
    }
  }
}
