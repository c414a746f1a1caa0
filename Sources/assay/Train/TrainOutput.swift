import AssayBundle
import AssayData
import AssayWorkflows
import Foundation

/// What training made: the manifest as JSON when asked for, the figures for people.
enum TrainOutput {
  /// - Parameter cited: what `assay compare` found on the same images.
  static func show(_ result: TrainingResult, cited: ComparisonCitation? = nil, json: Bool) throws {
    if json {
      try Console.print(
        json: WithReading(result.manifest, result.reading, fitness: result.fitness, comparison: cited))
    }
    begin(
      result.manifest, result.fitness, computed: result.computedCount, cached: result.cachedCount, result.warnings)
    say(cited)
    EvaluationText.say(result.evaluation, threshold: result.manifest.threshold)
    MultiLabelText.say(result.segmentation)
    end(result.path)
  }

  static func show(_ result: MultiLabelResult, json: Bool) throws {
    if json { try Console.print(json: WithReading(result.manifest, result.reading, fitness: result.fitness)) }
    begin(
      result.manifest, result.fitness, computed: result.computedCount, cached: result.cachedCount, result.warnings)
    MultiLabelText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    end(result.path)
  }

  static func show(_ result: MultiTaskResult, json: Bool) throws {
    if json { try Console.print(json: WithReading(result.manifest, result.reading, fitness: result.fitness)) }
    begin(
      result.manifest, result.fitness, computed: result.computedCount, cached: result.cachedCount, result.warnings)
    TaskText.say(result.evaluations, threshold: result.manifest.threshold)
    end(result.path)
  }

  static func show(_ result: AnomalyTrainingResult, cited: ComparisonCitation? = nil, json: Bool) throws {
    if json {
      try Console.print(
        json: WithReading(result.manifest, result.reading, fitness: result.fitness, comparison: cited))
    }
    FitnessText.say(result.fitness)
    say(cited)
    Console.say("patches: \(result.computedCount) images or tiles computed, \(result.cachedCount) from the cache")
    WhiteLevelText.say(result.manifest)
    for warning in result.warnings { Console.say("warning: \(warning)") }
    if let evaluation = result.evaluation { AnomalyText.say(evaluation) }
    if let threshold = result.manifest.threshold {
      Console.say("  threshold \(String(format: "%.6g", threshold.value)): \(threshold.explanation)")
    }
    end(result.path)
  }

  private static func say(_ cited: ComparisonCitation?) {
    if let cited { Console.say(ShownLine(cited.sentence)) }
  }

  private static func begin(
    _ manifest: Manifest, _ fitness: LineFitness, computed: Int, cached: Int, _ warnings: [String]
  ) {
    FitnessText.say(fitness)
    Console.say("features: \(computed) computed, \(cached) from the cache")
    WhiteLevelText.say(manifest)
    for warning in warnings { Console.say("warning: \(warning)") }
    if let reason = manifest.rule.whyNotJudging {
      Console.say("note: the bundle does not tell good from defective: \(reason)")
    }
  }

  private static func end(_ path: String) {
    Console.say("bundle: \(path)\nreport: \(path)/\(ModelBundle.reportName)")
  }
}

/// How pictures of more than 8 bits are read, in a line for people.
enum WhiteLevelText {
  static func say(_ manifest: Manifest) {
    guard let level = manifest.preprocessing.whiteLevel else { return }
    Console.say("pictures of more than 8 bits: \(level.sentence)")
  }
}
