public import AssayBase
package import AssayBundle
import AssayData
import AssayEvaluation
package import AssayGraph
import AssayImage
import AssayLearning
package import AssayReport
import Foundation

/// Several tasks on one representation: from a data set with several targets to one bundle.
public enum MultiTaskTrainer {
  /// Whether a data set is to be learned task by task: a CSV manifest that names tasks, or any for which some are wanted.
  ///
  /// What cannot be read is left to whoever trains.
  /// - Parameter encoding: of texts that are not UTF-8.
  public static func accepts(_ path: String, tasks: [String]?, encoding: String? = nil) -> Bool {
    if tasks != nil { return true }
    guard let dataset = try? DatasetReader.read(path, options: .init(encoding: encoding)) else { return false }
    return !dataset.tasks.isEmpty
  }

  /// - Parameters:
  ///   - path: the data set.
  ///   - output: the bundle's folder; an older bundle there is replaced at the very end, in one step.
  public static func train(
    _ path: String, output: String, options: MultiTaskOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> MultiTaskResult {
    do {
      try options.check()
      try ModelBundle.checkReplaceable(output)
      let data = try MultiTaskDataset(
        path: path, tasks: options.tasks, goodClass: options.base.goodClass, options: options.base.features,
        progress: progress)
      return try train(data, output: output, options: options, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func train(
    _ data: MultiTaskDataset, output: String, options: MultiTaskOptions, progress: @escaping ProgressHandler
  ) throws -> MultiTaskResult {
    let training = options.training
    let division = data.division(training)
    var shared: SharedLayer?
    let tasks: [TrainedTask]
    if let settings = options.shared {
      let result = try SharedHeads.train(data, division, options, settings, progress: progress)
      tasks = result.tasks
      shared = result.fit.representation.layer
    } else {
      tasks = try FrozenHeads.train(data, division, training, progress: progress)
    }
    return try finish(
      data, division, tasks, shared: shared, method: shared == nil ? .linear : .sharedLayer, output: output,
      options: training, progress: progress)
  }

  /// Writes the bundle.
  /// - Parameters:
  ///   - data: with the backbone that the bundle will have.
  ///   - method: for the manifest. `linear` says that the heads judge the features of the data set.
  package static func finish(
    _ data: MultiTaskDataset, _ division: TrainingSplit, _ tasks: [TrainedTask], shared: SharedLayer?,
    method: TrainingMethod,
    output: String, options training: TrainingOptions, addition: (inout ReportContent) -> Void = { _ in },
    progress: @escaping ProgressHandler
  ) throws -> MultiTaskResult {
    let bundle = self.bundle(data, division, tasks, shared: shared, method: method, training)
    guard let primary = tasks.first(where: { $0.own.task.name == data.primary }), let classifier = primary.classifier
    else {
      return try MeasurementBundle.write(
        data, division, bundle, output: output, options: training, addition: addition, progress: progress)
    }
    let trained = BundleParts(
      classifier, method: bundle.method, testProbabilities: method == .linear ? nil : primary.test?.probabilities,
      tasks: bundle)
    let result = try BundleAssembly.finish(
      data.view(primary.own), TrainingSplit(division, of: primary.own.rows), trained, output: output, options: training,
      addition: addition, progress: progress)
    return MultiTaskResult(
      path: result.path, manifest: result.manifest, evaluations: bundle.evaluations(with: result.evaluation),
      fitness: result.fitness, warnings: result.warnings, reading: result.reading, cachedCount: result.cachedCount,
      computedCount: result.computedCount)
  }

  private static func bundle(
    _ data: MultiTaskDataset, _ division: TrainingSplit, _ tasks: [TrainedTask], shared: SharedLayer?,
    method: TrainingMethod,
    _ options: TrainingOptions
  ) -> TaskBundle {
    let trained = Set(division.trained(options.solver))
    let hashes = data.hashes
    let evaluations = tasks.map { $0.evaluation(basis: "held-out test", heldOutBasis: division.heldOutBasis) }
    return TaskBundle(
      shared: shared, heads: tasks.map(\.head), primary: data.primary,
      records: zip(tasks, evaluations).map { task, evaluation in
        task.record(counts: task.own.counts(trained), metrics: evaluation.metrics)
      },
      evaluations: evaluations, images: Set(trained.map { hashes[$0] }).sorted(),
      method: method)
  }
}
