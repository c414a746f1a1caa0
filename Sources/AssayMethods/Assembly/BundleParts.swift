package import AssayBundle
import AssayData
package import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
import AssayReport
import AssayRuntime
import Foundation

/// A trained head, and how its test images were judged.
package struct BundleParts {
  package let head: FittedHead
  /// For the manifest.
  package let method: TrainingMethod
  /// Of the test rows, `[n, K]`; nil when the head judges the features of the data set.
  package let testProbabilities: [Double]?
  /// The other tasks of the bundle, when there are several.
  package let tasks: TaskBundle?
  /// Marks pixels.
  package let patches: FittedPatchHead?
  /// What the bundle keeps besides.
  package let files: [String: [UInt8]]
  /// The bundle that this one is made of and takes the place of, and what was changed in it.
  package let predecessor: (bundle: ModelBundle, change: Manifest.Change)?

  package init(
    _ head: FittedHead, method: TrainingMethod = .linear, testProbabilities: [Double]? = nil,
    tasks: TaskBundle? = nil,
    patches: FittedPatchHead? = nil, files: [String: [UInt8]] = [:],
    predecessor: (bundle: ModelBundle, change: Manifest.Change)? = nil
  ) {
    self.head = head
    self.method = method
    self.testProbabilities = testProbabilities
    self.tasks = tasks
    self.patches = patches
    self.files = files
    self.predecessor = predecessor
  }

  /// The bundle's graph.
  /// - Parameter baseline: of the map.
  package func graph(
    _ data: ExtractedDataset, baseline: [Float]? = nil, metadata: [(String, String)] = []
  ) throws -> ONNXModel {
    if let tasks {
      return try MultiTaskGraph.build(
        data.backbone, data.specification, shared: tasks.shared, heads: tasks.heads, primary: tasks.primary,
        baseline: baseline, metadata: metadata + tasks.metadata())
    }
    return try InspectorGraph.build(
      data.backbone, data.specification, head: head.head, segmentation: patches?.head, baseline: baseline,
      metadata: metadata)
  }
}
