package import AssayBundle
import AssayData
package import AssayEvaluation
package import AssayGraph
import AssayReport
import Foundation

/// What several tasks add to a bundle: graph, manifest and report.
package struct TaskBundle {
  package let shared: SharedLayer?
  package let heads: [TaskHead]
  /// The task that decides between good and defective; nil when none classifies.
  package let primary: String?
  /// For the manifest, in the order of the tasks.
  package let records: [TaskRecord]
  package let evaluations: [TaskEvaluation]
  /// SHA-256 of all images that some task was trained on, sorted.
  package let images: [String]
  package let method: TrainingMethod

  /// Tells whoever runs the graph elsewhere what its outputs are.
  package func metadata() throws -> [(String, String)] {
    struct Output: Encodable {
      let name: String
      let kind: TaskRecord.Kind
      let classes: [String]?
      let levels: [Double]?
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let outputs = records.map { Output(name: $0.name, kind: $0.kind, classes: $0.classes, levels: $0.levels) }
    return [("assay.tasks", String(decoding: try encoder.encode(outputs), as: UTF8.self))]
  }

  /// - Parameter manifest: of the primary task alone, whose figures know of its threshold.
  package func complete(_ manifest: inout Manifest) {
    var records = records
    for index in records.indices where records[index].name == primary { records[index].metrics = manifest.metrics }
    switch manifest.kind {
    case .classifier(var spec):
      spec.tasks = records
      manifest.kind = .classifier(spec)
    case .measurement: manifest.kind = .measurement(MeasurementSpec(tasks: records))
    case .multiLabel, .anomaly: break
    }
    manifest.training.images = images
    manifest.training.method = method
  }

  /// - Parameter primaryEvaluation: with the threshold.
  package func evaluations(with primaryEvaluation: Evaluation?) -> [TaskEvaluation] {
    evaluations.map { own in
      guard let primaryEvaluation, own.name == primary else { return own }
      return TaskEvaluation(name: own.name, result: .classification(primaryEvaluation))
    }
  }
}
