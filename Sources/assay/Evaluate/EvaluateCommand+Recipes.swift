import ArgumentParser
import AssayData
import AssayWorkflows
import Foundation

/// A recipe on a data set, without a bundle: cross-validated, or from a few images of each class.
extension EvaluateCommand {
  func fewShotCurve(_ path: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    var options = TrainingOptions(features: recipe.features(images, use), seed: use("--seed", recipe.seed))
    options.labels = use("--labels", usual.labels) ?? .native
    if options.labels == .binary {
      options.goodClass = use("--good", usual.good)
    } else {
      use.without(["--good"], because: "classes are told apart, and none of them passes")
    }
    let shots = use("--shots", fewShot.shots)
    let seeds = use("--seeds", fewShot.seeds)
    return Plan("evaluate --method fewshot", kept: kept) { [options] in
      let result = try FewShotEvaluator.evaluate(
        path, options: options, shots: shots, seeds: seeds, progress: ProgressBar().handler)
      if json { try Console.print(json: WithReading(FewShotOutput(result), result.reading)) }
      Self.say(computed: result.computedCount, cached: result.cachedCount)
      FewShotOutput.say(result.curve)
    }
  }

  func crossValidation(_ folds: Int, _ path: String, _ json: Bool, _ use: OptionUse) throws -> Plan {
    let base = TrainingOptions(features: recipe.features(images, use), seed: use("--seed", recipe.seed))
    use.without(["--report"], because: "it needs a bundle")
    use.without(["--allow-trained"], because: "no fold is judged by a model that has seen it")
    if use("--multi-label", several.multiLabel) { return labelFolds(folds, path, base, json, use) }
    if let found = try tasks.found(in: path, images, use) { return try taskFolds(folds, path, found, base, json, use) }
    return classFolds(folds, path, base, json, use)
  }

  private func classFolds(
    _ folds: Int, _ path: String, _ base: TrainingOptions, _ json: Bool, _ use: OptionUse
  ) -> Plan {
    var options = base
    options.labels = use("--labels", usual.labels) ?? .native
    options.goodClass = use("--good", usual.good)
    options.classWeights = use("--class-weights", weighting.classWeights)
    options.thresholdRule = decision.rule(use) ?? options.thresholdRule
    return Plan("evaluate --folds", kept: kept) { [options] in
      let result = try CrossValidation(path, folds: folds, options: options, progress: ProgressBar().handler)
      if json {
        try Console.print(
          json: WithReading(
            EvaluationOutput(
              result.evaluation, unreadable: result.unreadable.map(\.description),
              foldAccuracies: result.foldAccuracies, penalties: result.penalties), result.reading,
            fitness: result.fitness))
      }
      Self.say(computed: result.computedCount, cached: result.cachedCount)
      FitnessText.say(result.fitness)
      EvaluationText.say(result.evaluation)
      Console.say(
        "  accuracy of the folds        \(result.foldAccuracies.map(Console.percent).joined(separator: ", "))")
    }
  }

  private func labelFolds(
    _ folds: Int, _ path: String, _ base: TrainingOptions, _ json: Bool, _ use: OptionUse
  ) -> Plan {
    var options = base
    options.goodClass = use("--good", usual.good)
    options.classWeights = use("--class-weights", weighting.classWeights)
    options.thresholdRule = decision.rule(use) ?? options.thresholdRule
    use.without(["--labels"], because: "the data set's own classes are found")
    return Plan("evaluate --folds --multi-label", kept: kept) { [options] in
      let result = try MultiLabelCrossValidation(path, folds: folds, options: options, progress: ProgressBar().handler)
      if json {
        try Console.print(
          json: WithReading(
            MultiLabelOutput(result.evaluation, refused: nil, unreadable: result.unreadable.map(\.description)),
            result.reading, fitness: result.fitness))
      }
      Self.say(computed: result.computedCount, cached: result.cachedCount)
      FitnessText.say(result.fitness)
      MultiLabelText.say(result.evaluation)
    }
  }

  private func taskFolds(
    _ folds: Int, _ path: String, _ found: [TaskDescription], _ base: TrainingOptions, _ json: Bool, _ use: OptionUse
  ) throws -> Plan {
    var options = base
    TaskArguments.decision(&options, found, good: usual.good, decision, use)
    use.without(["--labels"], because: "a task has the classes of its column")
    let chosen = try tasks.options(options, found, weighting.classWeights, use)
    return Plan("evaluate --folds", kept: kept) {
      let result = try MultiTaskCrossValidation(path, folds: folds, options: chosen, progress: ProgressBar().handler)
      Self.say(computed: result.computedCount, cached: result.cachedCount)
      try TasksOutput.show(
        result.evaluations, result.primary, result.fitness, images: result.images, refused: nil,
        unreadable: result.unreadable.map(\.description), result.reading, json: json)
    }
  }
}
