public import AssayBase
import AssayBundle
package import AssayData
import AssayImage
import AssayInspection
import AssayLearning
import AssayReport
import AssayRuntime
import Foundation

/// From a folder of labelled photographs to a bundle.
public enum Trainer {
  /// - Parameters:
  ///   - path: the data set.
  ///   - output: the bundle's folder; an older bundle there is replaced at the very end, in one step.
  public static func train(
    _ path: String, output: String, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> TrainingResult {
    do {
      try ModelBundle.checkReplaceable(output)
      let data = try ExtractedDataset(
        path: path, labels: options.labels, goodClass: options.goodClass, options: options.features, progress: progress)
      return try train(data, output: output, options: options, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// The same with a data set that has been read.
  package static func train(
    _ dataset: Dataset, output: String, options: TrainingOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> TrainingResult {
    do {
      try ModelBundle.checkReplaceable(output)
      let data = try ExtractedDataset(dataset, path: dataset.root, options: options.features, progress: progress)
      return try train(data, output: output, options: options, progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func train(
    _ data: ExtractedDataset, output: String, options: TrainingOptions, progress: @escaping ProgressHandler
  ) throws -> TrainingResult {
    let division = TrainingSplit(data, options)
    try data.checkClasses(division.trained(options.solver))
    let training = try FittedHead(
      data, training: division.training, validation: division.validation, options: options, progress: progress)
    let patches =
      options.usesMasks
      ? try FittedPatchHead(PatchData(data), rows: division.trained(options.solver), options, progress: progress) : nil
    return try BundleAssembly.finish(
      data, division, .init(training, patches: patches), output: output, options: options, progress: progress)
  }
}
