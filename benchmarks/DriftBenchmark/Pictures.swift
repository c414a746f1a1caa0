import AssayBase
import AssayData
import AssayLearning
import Foundation

/// The labelled images of a data set.
struct Pictures {
  let dataset: Dataset

  init(_ path: String) throws {
    var dataset = try DatasetReader.read(path)
    try dataset.take(path, for: .classes, isStrict: false) { _ in }
    dataset.samples.removeAll { $0.label == nil }
    self.dataset = dataset
  }

  /// What a station compares: good images, or all where none is good.
  var comparable: [Int] {
    dataset.samples.indices.filter { dataset.goodClass == nil || dataset.samples[$0].label == dataset.goodClass }
  }

  var others: [Int] {
    guard let good = dataset.goodClass else { return [] }
    return dataset.samples.indices.filter { dataset.samples[$0].label != good }
  }

  /// So many to learn from, and a stream of fresh ones of the rest: without replacement while there are enough.
  static func draw(
    _ rows: [Int], training count: Int, fresh: Int, using generator: inout SplitMix64
  ) -> (training: [Int], fresh: [Int]) {
    let shuffled = rows.shuffled(using: &generator)
    let rest = Array(shuffled.dropFirst(count))
    let stream =
      rest.count >= fresh
      ? Array(rest.prefix(fresh)) : (0..<fresh).map { _ in rest[Int.random(in: 0..<rest.count, using: &generator)] }
    return (Array(shuffled.prefix(count)), stream)
  }
}
