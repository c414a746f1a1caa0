package import AssayBase
import AssayData
package import AssayGraph
package import AssayImage
import AssayLearning
package import AssayRuntime
import Foundation
import Synchronization

/// Patches of training images, drawn so that every class has its share: the marked ones of each image, and about as many
/// others.
package struct PatchSample {
  /// `[rows, D]`
  package private(set) var values: [Float] = []
  /// Image of each row: its place among the training rows.
  package private(set) var images: [Int] = []
  /// Whether each class is there, `[rows, K]`.
  package private(set) var labels: [Bool] = []
  /// How many patches of its kind and image each row stands for.
  package private(set) var weights: [Double] = []
  package let dimension: Int
  /// Images whose regions were used.
  package private(set) var markedImages = 0
  /// Why images were left out: marks that cannot be read.
  package private(set) var unreadable: [ImageError] = []

  /// Patches in memory at most; 24,000 of 912 features are 88 MB.
  private static let limit = 24_000

  /// - Parameter rows: of the data set; those with a class but without regions are left out, since which of their patches
  ///   show it is not known.
  package init(
    _ data: PatchData, _ specification: PatchSpecification, rows: [Int], seed: UInt64, maximumPixels: Int,
    engines: Engines, progress: @escaping ProgressHandler
  ) throws {
    let grid = try specification.grid(of: data.backbone)
    let rule = data.preprocessing
    let network = try Network(
      onnx: PatchGraph.build(data.backbone, specification).serialized(),
      inputShape: [1, 3, rule.height, rule.width], mode: .throughput, engines: engines)
    let good = data.goodClass
    let used = rows.filter { row in
      data.samples[row].hasPixelTruth(of: data.samples[row].defects(goodClass: good))
    }
    let quota = max(8, Self.limit / max(1, used.count))
    let collected = Mutex<[Int: Drawn]>([:])
    let refused = Mutex<(failure: (any Error)?, marks: [Int: ImageError])>((nil, [:]))
    let done = Mutex(0)
    let samples = used.map { data.samples[$0] }
    let pictures = used.map { data.pictures[$0] }
    let classes = data.classes
    try InferencePipeline(network, rule).run(
      count: used.count,
      load: { (index) throws(ImageError) in
        try pictures[index].read(rule.decodingOptions(maximumPixels: maximumPixels))
      },
      finish: { index, outcome in
        do {
          switch outcome {
          case .failed(let error): throw error
          case .inferred(let request, let image):
            let truths: [[Bool?]]
            do throws(ImageError) {
              truths = try Self.truths(samples[index], image, rule, grid, classes)
            } catch {
              // Marks that cannot be read leave their image out, and it is said.
              refused.withLock { $0.marks[index] = error }
              break
            }
            let drawn = try Drawn(truths, request, grid, quota: quota, seed: seed &+ UInt64(index))
            collected.withLock { $0[index] = drawn }
          }
        } catch {
          // Whoever was read a moment ago must be there still.
          refused.withLock { $0.failure = $0.failure ?? error }
        }
        done.withLock {
          $0 += 1
          progress(WorkProgress("patches", $0, samples.count))
        }
      })
    dimension = grid.channels
    let (failure, marks) = refused.withLock { $0 }
    if let failure { throw failure }
    unreadable = marks.sorted { $0.key < $1.key }.map(\.value)
    for (index, drawn) in collected.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      values += drawn.values
      labels += drawn.labels
      weights += drawn.weights
      images += [Int](repeating: used[index], count: drawn.weights.count)
      if drawn.labels.contains(true) { markedImages += 1 }
    }
  }

  package var count: Int { images.count }

  /// Of each class, whether it is at each position of the grid; nil where that is not clear.
  private static func truths(
    _ sample: Sample, _ image: Image, _ rule: Preprocessing, _ grid: PatchSpecification.Grid, _ classes: [String]
  ) throws(ImageError) -> [[Bool?]] {
    let placement = rule.plan(for: image)
    var truths: [[Bool?]] = []
    for name in classes {
      let marked =
        try sample.markedPixels(of: name, width: image.fullWidth, height: image.fullHeight)
        ?? [Bool](repeating: false, count: image.fullWidth * image.fullHeight)
      truths.append(
        PatchTruth(marked, placement: placement, rule: rule, rows: grid.height, columns: grid.width).labels)
    }
    return truths
  }

  /// What one image gives.
  private struct Drawn: Sendable {
    var values: [Float] = []
    var labels: [Bool] = []
    var weights: [Double] = []

    /// - Parameter truths: of each class, whether it is at each position.
    init(
      _ truths: [[Bool?]], _ request: InferenceRequest, _ grid: PatchSpecification.Grid, quota: Int, seed: UInt64
    ) throws {
      var generator = SplitMix64(seed: seed)
      var strata: [[Bool]: [Int]] = [:]
      for position in 0..<grid.positions {
        let own = truths.map { $0[position] }
        guard !own.contains(where: { $0 == nil }) else { continue }
        strata[own.map { $0 == true }, default: []].append(position)
      }
      let share = max(1, quota / max(1, strata.count))
      for (label, positions) in strata.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) { !$0 && $1 } }) {
        let chosen = positions.count <= share ? positions : Array(positions.shuffled(using: &generator).prefix(share))
        for position in chosen.sorted() {
          try request.withOutput("patches") { map in
            for channel in 0..<grid.channels { values.append(map[channel * grid.positions + position]) }
          }
          labels += label
          weights.append(Double(positions.count) / Double(chosen.count))
        }
      }
    }
  }
}
