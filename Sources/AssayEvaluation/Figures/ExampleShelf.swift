import AssayBundle
package import AssayReport
import Foundation

/// The images that a report of anomaly detection shows: of every kind of part those that were judged wrongly by the most, those that
/// were found most clearly, and the good ones that came nearest to being rejected. Which ones they are does not depend on the order
/// in which they come.
package struct ExampleShelf: Sendable {
  /// An image that may be shown.
  package struct Example: Sendable {
    package let name: String
    package let label: String
    package let score: Double
    /// JPEG.
    package let picture: [UInt8]

    package init(name: String, label: String, score: Double, picture: [UInt8]) {
      self.name = name
      self.label = label
      self.score = score
      self.picture = picture
    }
  }

  private struct Key: Hashable {
    let label: String
    let isRejected: Bool
  }

  package let threshold: Double
  package let goodClass: String
  private var kept: [Key: [Example]] = [:]

  /// Pictures of good parts that were rejected; of each kind of defect that passed; and of what is right, of each kind.
  private static let (overkills, escapes, right) = (8, 4, 2)
  /// Of one cell of the matrix.
  private static let perCell = 12

  package init(threshold: Double, goodClass: String) {
    self.threshold = threshold
    self.goodClass = goodClass
  }

  private func key(_ label: String, _ score: Double) -> Key { Key(label: label, isRejected: !(score < threshold)) }

  private func room(_ key: Key) -> Int {
    switch (key.label == goodClass, key.isRejected) {
    case (true, true): Self.overkills
    case (false, false): Self.escapes
    default: Self.right
    }
  }

  /// Whether the first is shown before the second, of one kind: the lowest of the defects that passed, else the highest.
  private func isBefore(_ a: (score: Double, name: String), _ b: (score: Double, name: String), _ key: Key) -> Bool {
    let sign = key.label != goodClass && !key.isRejected ? -1.0 : 1.0
    return (-sign * a.score, a.name) < (-sign * b.score, b.name)
  }

  /// Whether an image would be shown, as far as can be told now: only then it is worth drawing.
  package func wants(_ name: String, label: String, score: Double) -> Bool {
    let key = key(label, score)
    guard let own = kept[key], own.count >= room(key), let last = own.last else { return true }
    return isBefore((score, name), (last.score, last.name), key)
  }

  package mutating func add(_ example: Example) {
    let key = key(example.label, example.score)
    var own = kept[key, default: []]
    let place = own.firstIndex { isBefore((example.score, example.name), ($0.score, $0.name), key) } ?? own.count
    own.insert(example, at: place)
    kept[key] = Array(own.prefix(room(key)))
  }

  /// Of good parts and of defects, passed and rejected; mistakes first.
  /// - Parameter counts: parts of each cell, `[actual][predicted]`, shown or not.
  package func groups(_ counts: [[Int]]) -> [ReportContent.PictureGroup] {
    let names = [goodClass, AnomalySpec.defectName]
    return [(1, 0), (0, 1), (1, 1), (0, 0)].compactMap { actual, predicted in
      let own = kept.filter { ($0.key.label == goodClass) == (actual == 0) && $0.key.isRejected == (predicted == 1) }
        .flatMap { key, examples in examples.map { (key: key, example: $0) } }
        .sorted { a, b in isBefore((a.example.score, a.example.name), (b.example.score, b.example.name), a.key) }
        .prefix(Self.perCell)
      guard !own.isEmpty else { return nil }
      let what =
        actual == predicted
        ? "\(names[actual]), told rightly" : "\(names[actual]), \(predicted == 1 ? "rejected" : "passed")"
      return ReportContent.PictureGroup(
        id: ReportContent.PictureGroup.cell(actual, predicted),
        title: "\(what): \(own.count) of \(counts[actual][predicted])", pictures: own.map { mistake($0.example) })
    }
  }

  private func mistake(_ example: Example) -> ReportContent.Mistake {
    let isRejected = !(example.score < threshold)
    return ReportContent.Mistake(
      name: example.name, actual: example.label, predicted: isRejected ? AnomalySpec.defectName : goodClass,
      probability: 0, picture: (example.picture, "image/jpeg"),
      note: "is \(example.label), \(isRejected ? "rejected" : "passed") with "
        + (threshold > 0
          ? "\(String(format: "%.2f", example.score / threshold)) times the threshold" : "the threshold at 0"))
  }
}
