import ArgumentParser
import AssayData
import AssayImage
import AssayWorkflows
import Foundation

/// Good parts alone, of one data set or of a folder of them.
extension TrainCommand {
  func goodParts(_ output: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var options = try anomaly.options(recipe.trunk(images, use), recipe, shots: few.shots, use)
    options.goodClass = use("--good", labels.good)
    switch use("--augment", tuning.augment) {
    case nil, AugmentationPreset.none?: options.isAugmenting = false
    case .surface: options.isAugmenting = true
    case .orientedPart:
      throw WorkflowError(
        .usage, "--method anomaly turns and mirrors with --augment surface; it has no oriented-part")
    }
    options.thresholdRule = decision.rule(use)
    options.uncertainShare = uncertain.share(use)
    options.seed = use("--seed", recipe.seed)
    options.split = SplitRule(seed: options.seed, validation: 0, test: use("--test-fraction", usual.testFraction))
    options.commandLine = typedCommand()
    use.without(
      [
        "--optimizer", "--learning-rate", "--batch-size", "--epochs", "--weight-decay", "--class-weights", "--labels",
        "--folds", "--validation-fraction",
      ], because: "it learns from good parts only")
    use.without(["--statistics"], because: "a patch is read as it is")
    let categories = Categories.find(path)
    return Plan("train --method anomaly", kept: kept) { [path, options] in
      if categories.isEmpty {
        let result = try AnomalyTrainer.train(path, output: output, options: options, progress: ProgressBar().handler)
        let cited = ComparisonCitation.find(
          path,
          ComparisonOptions(
            goodClass: options.goodClass, cache: options.features.cache, encoding: options.features.encoding),
          backbone: options.features.backbone, method: .anomaly)
        try TrainOutput.show(result, cited: cited, json: json)
      } else {
        try train(categories, options, output, json)
      }
    }
  }

  private func train(_ categories: [String], _ options: AnomalyOptions, _ output: String, _ json: Bool) throws {
    let rows = try CategoryTraining.train(
      categories, output: output, options: options,
      begin: { name, number, total in Console.say("\(name) (\(number) of \(total))") },
      progress: ProgressBar().handler)
    if json { try Console.print(json: rows) }
    Console.say("\n" + ShownLine(lines: CategoryTraining.table(rows)))
    for row in rows { if let fitness = row.fitness { Console.say("\(row.category): \(fitness.sentence)") } }
    if rows.contains(where: { $0.failure != nil }) { throw ExitCode(WorkflowError.Kind.badData.rawValue) }
  }
}
