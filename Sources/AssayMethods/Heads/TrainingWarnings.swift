import AssayData
import AssayRuntime

/// Sentences that a user should read before trusting a bundle.
package enum TrainingWarnings {
  package static func list(_ data: ExtractedDataset, _ division: TrainingSplit) -> [String] {
    var warnings: [String] = []
    warnings += data.notes
    if division.isTooSmallToTest {
      warnings.append(
        "There are too few images of some classes to set a test set aside. All were trained on, and the figures come from "
          + "cross-validation: each image was judged by a model that had not seen it.")
    }
    let hashes = data.hashes
    let tested = Set(division.test)
    if !tested.isEmpty {
      let few = data.dataset.classes.indices.compactMap { label -> String? in
        let count = tested.count { data.labels[$0] == label }
        return count < TrainingOptions.fewestTested ? "\(data.dataset.classes[label]) (\(count))" : nil
      }
      if !few.isEmpty {
        warnings.append(
          "The test has few images of \(few.joined(separator: ", ")); figures of these classes say little.")
      }
    }
    let trainedHashes = Set(hashes.indices.filter { !tested.contains($0) }.map { hashes[$0] })
    let leaks = division.test.count { trainedHashes.contains(hashes[$0]) }
    if leaks > 0 {
      warnings.append(
        "Leak: \(leaks) test images are exact copies of training images, so the figures are too good. Remove the copies."
      )
    }
    let sets = Dictionary(grouping: data.samples.indices.filter { data.samples[$0].copies != nil }) {
      data.samples[$0].copies
    }
    let divided = sets.values.count { members in Set(members.map(tested.contains)).count > 1 }
    if divided > 0 {
      warnings.append(
        "Leak: near copies of \(divided) photographs are on both sides of the test set that the data gives, so the figures "
          + "are too good. `assay data` names them.")
    }
    let byHash = Dictionary(grouping: hashes.indices) { hashes[$0] }
    let conflicts = byHash.values.count { Set($0.map { data.labels[$0] }).count > 1 }
    if conflicts > 0 {
      warnings.append("\(conflicts) images occur twice with different labels. Decide which label is right.")
    }
    for (label, name) in data.dataset.classes.enumerated() {
      let count = data.labels.count { $0 == label }
      if count < 10 { warnings.append("Class \(name) has only \(count) images; its figures say little.") }
    }
    if let warning = data.features.cacheWarning {
      warnings.append("\(warning); the next run computes the features again.")
    }
    return warnings
  }
}
