public import AssayBase
package import AssayBundle
import AssayData
import AssayGraph
package import AssayLearning
import AssayReport
import AssayRuntime
import Foundation

/// A few-shot classifier of some rows of a data set, calibrated on the predictions for the rows left out.
package struct FewShotHead {
  package let classifier: FewShotClassifier
  package let head: FittedHead
  package let support: [Int]
  /// Rows behind the held-out predictions.
  package let heldOutRows: [Int]
  package let basis: String

  /// Leaving out each of more images than this takes too long; they are left out in ten parts.
  private static let mostLeftOutSingly = 128

  /// - Parameters:
  ///   - support: rows to learn from, some of every class.
  ///   - shots, split: by which they were drawn, for the manifest.
  package init(
    _ data: ExtractedDataset, support: [Int], seed: UInt64, shots: Int? = nil, split: SplitShares = .init(),
    progress: @escaping ProgressHandler = { _ in }
  ) throws {
    let classes = data.dataset.classes
    let labels = support.map { data.labels[$0] }
    for (label, name) in classes.enumerated() where !labels.contains(label) {
      throw WorkflowError(
        .badData,
        "\(data.dataset.root): no image of the class \(name) is among those to learn from; add one, or raise "
          + "the share to train on (--test-fraction 0)")
    }
    guard classes.count >= 2 else {
      throw WorkflowError(
        .badData, "\(data.dataset.root): a classifier needs two classes; add an image of another with --class")
    }
    let hashes = data.hashes
    let isSingly = support.count <= Self.mostLeftOutSingly
    let folds = try Self.folds(
      labels, groups: support.map { data.samples[$0].unit }, keys: support.map { hashes[$0] },
      wanted: isSingly ? support.count : 10, seed: seed)
    let matrix = FeatureMatrix(rows: data.labels.count, columns: data.features.dimension, values: data.features.values)
    let found = FewShotClassifier(
      matrix.selecting(support), labels: labels, classCount: classes.count, folds: folds
    ) { progress(WorkProgress("head", $0, $1)) }
    let heldOutLabels = found.heldOutRows.map { labels[$0] }
    let temperature = TemperatureScaling(
      heldOut: found.heldOutLogits, labels: heldOutLabels, classCount: classes.count, scale: .similarities)
    let model = found.model
    basis = isSingly ? "leave-one-out" : "cross-validation"
    let recipe = FewShotRecipe(
      classifier: found.chosen,
      chosenBy: found.trials.isEmpty ? .nothing : isSingly ? .leaveOneOut : .crossValidation, images: support.count,
      shots: shots, split: split)
    head = try FittedHead(
      head: LinearHead.folded(
        weights: model.weights, bias: model.bias, mean: model.standardisation.mean, scale: model.standardisation.scale,
        temperature: temperature.temperature),
      temperature: temperature, heldOutLogits: found.heldOutLogits, labels: heldOutLabels, classCount: classes.count,
      recipe: Recipe(recipe))
    classifier = found
    self.support = support
    heldOutRows = found.heldOutRows.map { support[$0] }
  }

  /// As many as wanted, or as there are images and groups that stand alone.
  private static func folds(
    _ labels: [Int], groups: [String?], keys: [String], wanted: Int, seed: UInt64
  ) throws -> [Int] {
    do {
      return try Folds.stratified(labels: labels, groups: groups, keys: keys, folds: wanted, seed: seed)
    } catch {
      guard error.units >= 2 else { return [Int](repeating: 0, count: labels.count) }
      return try Folds.stratified(labels: labels, groups: groups, keys: keys, folds: error.units, seed: seed)
    }
  }

  /// Tests, and writes bundle and report.
  /// - Parameters:
  ///   - added: when images came to the bundle later, by SHA-256.
  ///   - notes: what the user must know, for the report.
  ///   - predecessor: the bundle that is taught, and what was changed in it.
  package func write(
    _ data: ExtractedDataset, test: [Int], output: String, options: TrainingOptions, curve: FewShotCurve?,
    added: [String: String] = [:], notes: [String],
    predecessor: (bundle: ModelBundle, change: Manifest.Change)? = nil, progress: @escaping ProgressHandler
  ) throws -> TrainingResult {
    let division = TrainingSplit(support: support, heldOut: heldOutRows, basis: basis, test: test)
    return try BundleAssembly.finish(
      data, division,
      BundleParts(
        head, method: .fewShot, testProbabilities: head.probabilities(data, rows: test),
        files: try SupportFile(data, rows: support, added: added).files(), predecessor: predecessor),
      output: output, options: options,
      addition: { content in
        content.warnings += notes
        content.tables += self.tables
        if let chart = curve?.chart { content.learning.append(chart) }
      }, progress: progress)
  }

  private var tables: [ReportContent.Table] {
    guard !classifier.trials.isEmpty else { return [] }
    return [
      ReportContent.Table(
        title: "Choice of the classifier", header: ["classifier", "accuracy", "log loss", ""],
        rows: classifier.trials.map { trial in
          [
            trial.method.description, String(format: "%.1f %%", trial.accuracy * 100),
            String(format: "%.3f", trial.logLoss), trial.method == classifier.chosen ? "taken" : "",
          ]
        },
        caption:
          "Each of \(heldOutRows.count) images was judged by classifiers that had not seen it (\(basis)). The best "
          + "accuracy was taken, of equals the lowest log loss.")
    ]
  }
}

/// Named classes from one to sixteen images of each.
public enum FewShotTrainer {
  /// More images of each class than these serve the linear method better.
  public static let mostShots = 16

  /// - Parameters:
  ///   - path: the data set.
  ///   - output: the bundle's folder; an older bundle there is replaced at the very end, in one step.
  ///   - shots: images of each class to learn from, drawn by the seed from those to train on; nil for all of them.
  public static func train(
    _ path: String, output: String, options: TrainingOptions, shots: Int?,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> TrainingResult {
    do {
      try ModelBundle.checkReplaceable(output)
      let data = try ExtractedDataset(
        path: path, labels: options.labels, goodClass: options.goodClass, options: options.features, progress: progress)
      let division = TrainingSplit(data, options)
      // Images that are left over are the test where none was set aside.
      let draw = SupportDraw(
        data, among: division.trained(.lbfgs), tested: division.test.isEmpty ? nil : division.test, shots: shots,
        seed: options.seed)
      let training = try FewShotHead(
        data, support: draw.support, seed: options.seed, shots: shots, split: SplitShares(options.split),
        progress: progress)
      let curve = try FewShotCurve(
        data, shots: nil, seeds: FewShotCurve.usualSeeds, seed: options.seed, progress: progress)
      return try training.write(
        data, test: draw.test, output: output, options: options, curve: curve,
        notes: notes(data, draw.support, shots), progress: progress)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// What the user should know of the number of images.
  package static func notes(_ data: ExtractedDataset, _ support: [Int], _ shots: Int?) -> [String] {
    var notes: [String] = []
    let counts = data.dataset.classes.indices.map { label in support.count { data.labels[$0] == label } }
    for (name, count) in zip(data.dataset.classes, counts) {
      if let shots, count < shots {
        notes.append("Class \(name) has only \(count) different images to learn from, of \(shots) asked for.")
      } else if count == 1 {
        notes.append("Class \(name) is known from one image: nothing tells how much its parts differ. Add more.")
      }
    }
    if let fewest = counts.min(), fewest > mostShots {
      notes.append(
        "There are at least \(fewest) images of each class: above \(mostShots), `--method linear` will be better.")
    }
    return notes
  }
}
