public import AssayBase
public import AssayData
import AssayGraph
import AssayImage
import AssayLearning
package import AssayReport
import AssayRuntime
import Foundation

/// Accuracy over the number of images of each class, each the mean over draws of which images these are.
public struct FewShotCurve: Sendable, Encodable {
  public struct Point: Sendable, Encodable {
    /// Images of each class that were learned from.
    public let shots: Int
    /// Of each draw, on the images that were not learned from.
    public let accuracies: [Double]
    public let mean: Double
    /// Standard deviation over the draws (n - 1); 0 for a single one.
    public let deviation: Double
    public let least: Double
    public let greatest: Double
    /// Images tested on, in the first draw.
    public let tested: Int
    /// How often each classifier was chosen.
    public let classifiers: [String: Int]

    package init(shots: Int, accuracies: [Double], tested: Int, classifiers: [String: Int]) {
      let count = Double(max(1, accuracies.count))
      let mean = accuracies.reduce(0, +) / count
      self.shots = shots
      self.accuracies = accuracies
      self.mean = mean
      deviation =
        accuracies.count < 2
        ? 0 : (accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)).squareRoot()
      least = accuracies.min() ?? 0
      greatest = accuracies.max() ?? 0
      self.tested = tested
      self.classifiers = classifiers
    }
  }

  public let points: [Point]

  package static let usualShots = [1, 2, 4, 8, 16]
  /// Draws of a report's curve.
  package static let usualSeeds = 10

  /// Each draw is fitted as training does it, its classifier chosen by leave-one-out on the images drawn. Where the data
  /// set names test images these are tested on, else all that were not drawn.
  /// - Parameters:
  ///   - shots: nil for 1, 2, 4, 8 and 16, as far as every class has more images than that.
  ///   - seeds: draws for each number of images.
  /// - Throws: when a class has too few images for the shots asked for.
  package init(
    _ data: ExtractedDataset, shots: Int?, seeds: Int, seed: UInt64, progress: @escaping ProgressHandler = { _ in }
  ) throws {
    let given = data.samples.indices.filter { data.samples[$0].split == .test }
    let candidates = data.samples.indices.filter { data.samples[$0].split != .test }
    let hashes = data.hashes
    let counts = data.dataset.classes.indices.map { label in
      Set(candidates.filter { data.labels[$0] == label }.map { hashes[$0] }).count
    }
    // One more to test on, unless that is seen to.
    let spare = given.isEmpty ? 1 : 0
    let fewest = counts.min() ?? 0
    if let shots, shots + spare > fewest {
      let scarce = counts.firstIndex(of: fewest).map { data.dataset.classes[$0] } ?? ""
      throw WorkflowError(
        .badData,
        "\(data.dataset.root): the class \(scarce) has \(fewest) different images, too few to learn from "
          + "\(shots)\(spare > 0 ? " and test on another" : ""); use fewer --shots or add images")
    }
    let wanted = shots.map { [$0] } ?? Self.usualShots.filter { $0 + spare <= fewest }
    let total = wanted.count * seeds
    var points: [Point] = []
    for shots in wanted {
      var accuracies: [Double] = []
      var tested = 0
      var classifiers: [String: Int] = [:]
      for index in 0..<seeds {
        let draw = SupportDraw(
          data, among: candidates, tested: given.isEmpty ? nil : given, shots: shots, seed: seed &+ UInt64(index))
        guard !draw.test.isEmpty else { continue }
        let training = try FewShotHead(data, support: draw.support, seed: seed)
        accuracies.append(Self.accuracy(training, data, draw.test))
        classifiers[training.classifier.chosen.description, default: 0] += 1
        if index == 0 { tested = draw.test.count }
        progress(WorkProgress("curve", points.count * seeds + index + 1, total))
      }
      guard !accuracies.isEmpty else { continue }
      points.append(Point(shots: shots, accuracies: accuracies, tested: tested, classifiers: classifiers))
    }
    self.points = points
  }

  private static func accuracy(_ training: FewShotHead, _ data: ExtractedDataset, _ rows: [Int]) -> Double {
    let head = training.head.head
    let right = rows.count { row in
      let logits = head.logits(Array(data.features.values(of: row)))
      return logits.indices.max { logits[$0] < logits[$1] } == data.labels[row]
    }
    return Double(right) / Double(rows.count)
  }

  /// nil when there is nothing to draw.
  package var chart: ReportContent.LearningChart? {
    guard points.count > 1, let draws = points.first?.accuracies.count else { return nil }
    func series(_ name: String, _ value: (Point) -> Double) -> ReportContent.Series {
      .init(name: name, points: points.map { (Double($0.shots), value($0)) })
    }
    return ReportContent.LearningChart(
      title: "Images of each class",
      caption:
        "Accuracy on images not learned from, over the number of images of each class: the mean of \(draws) draws "
        + "of which images these are, the least and the greatest. Still rising at the right end: more images would help.",
      xLabel: "images of each class", yLabel: "accuracy", isLogarithmic: true,
      series: [series("mean", \.mean), series("least", \.least), series("greatest", \.greatest)])
  }
}

/// Few-shot classification measured on a data set, without a bundle.
public enum FewShotEvaluator {
  public struct Result: Sendable {
    public let curve: FewShotCurve
    public let classes: [String]
    public let unreadable: [String]
    /// How the data set was read, and what was left out.
    public let reading: DataReading
    public let cachedCount: Int
    public let computedCount: Int
  }

  /// Draws for each number of images, where no other number is asked for.
  public static let usualSeeds = FewShotCurve.usualSeeds

  /// - Parameters:
  ///   - shots: images of each class to learn from; nil for a curve over 1, 2, 4, 8 and 16.
  ///   - seeds: draws, above 0, with the seeds from `options.seed` on.
  public static func evaluate(
    _ path: String, options: TrainingOptions, shots: Int? = nil, seeds: Int = usualSeeds,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      let data = try ExtractedDataset(
        path: path, labels: options.labels, goodClass: options.goodClass, options: options.features, progress: progress)
      let curve = try FewShotCurve(data, shots: shots, seeds: seeds, seed: options.seed, progress: progress)
      guard !curve.points.isEmpty else {
        throw WorkflowError(
          .badData, "\(path): a class has a single image, so that none is left to test on; add images")
      }
      return Result(
        curve: curve, classes: data.dataset.classes, unreadable: data.unreadable.map(\.description),
        reading: DataReading(data.dataset, path: path),
        cachedCount: data.features.cachedCount, computedCount: data.features.computedCount)
    } catch {
      throw WorkflowError(error)
    }
  }
}
