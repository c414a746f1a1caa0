import AssayBase
import AssayData

extension ExtractedDataset {
  /// - Throws: when the rows to train on are of one class only.
  package func checkClasses(_ rows: [Int]) throws {
    let learned = Set(rows.map { labels[$0] })
    guard learned.count >= 2 else {
      let only = learned.first.map { "only images of \(dataset.classes[$0]) are" } ?? "no images are"
      throw WorkflowError(
        .badData,
        "\(dataset.root): \(only) among those to train on; a classifier needs two classes, and --method anomaly "
          + "learns from good parts alone")
    }
  }
}
