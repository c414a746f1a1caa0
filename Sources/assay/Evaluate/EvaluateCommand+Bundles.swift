import ArgumentParser
import AssayData
import AssayModel
import AssayWorkflows
import Foundation

/// A finished bundle on labelled images: on its own line's, or on others'.
extension EvaluateCommand {
  /// What every test of a bundle is told.
  private struct Settings {
    let allowsTrained: Bool
    let isStrict: Bool
    let maximumPixels: Int
    let report: String?
    let json: Bool
  }

  private func settings(_ json: Bool, _ use: OptionUse) -> Settings {
    Settings(
      allowsTrained: use("--allow-trained", allowTrained), isStrict: images.isStrict(use),
      maximumPixels: images.maximumPixels(use), report: use("--report", report), json: json)
  }

  func test(_ json: Bool, _ use: OptionUse) throws -> Plan {
    let (bundle, data) = (paths[0], paths[1])
    let manifest: Manifest
    do { manifest = try ModelBundle(path: bundle).manifest } catch { throw WorkflowError(error) }
    let settings = settings(json, use)
    use.without(
      [
        "--max-escape", "--max-overkill", "--backbone", "--taps", "--input-size", "--statistics", "--framing",
        "--filter",
        "--class-weights", "--seed", "--cache", "--cache-limit", "--no-cache", "--multi-label", "--tasks",
        "--shared-width", "--task-weights",
      ],
      because: "a bundle is tested as it is, by the rule in its manifest; it needs --folds"
        + (manifest.anomaly == nil ? "" : ", or `assay threshold`"))
    switch manifest.task {
    case .anomaly:
      use.without(["--labels"], because: "the bundle is an anomaly detector, which knows good parts and others")
      let good = use("--good", good)
      return Plan("evaluate BUNDLE") { try Self.testAnomalies(bundle, data, good, settings) }
    case .multiLabel:
      use.without(["--labels"], because: "the bundle finds several classes on one image")
      let good = use("--good", good)
      return Plan("evaluate BUNDLE") { try Self.testLabels(bundle, data, good, settings) }
    case .classification, .measurement:
      if try MultiTaskEvaluator.accepts(bundle: bundle, data: data) {
        use.without(["--labels", "--good"], because: "the tasks of the bundle have the classes of their columns")
        return Plan("evaluate BUNDLE") { try Self.testTasks(bundle, data, settings) }
      }
      let labels = use("--labels", labels)
      var goodClass: String?
      if labels == .native, manifest.segmentation == nil {
        use.without(["--good"], because: "the bundle knows its own good class, and the labels are taken as they are")
      } else {
        goodClass = use("--good", good)
      }
      return Plan("evaluate BUNDLE") { [goodClass] in
        try Self.testClasses(bundle, data, labels, goodClass, settings)
      }
    }
  }

  private static func testClasses(
    _ bundle: String, _ data: String, _ labels: LabelScheme?, _ good: String?, _ settings: Settings
  ) throws {
    let result = try Evaluator.evaluate(
      bundle: bundle, on: data, labels: labels, goodClass: good, allowsTrained: settings.allowsTrained,
      isStrict: settings.isStrict, maximumPixels: settings.maximumPixels, progress: ProgressBar().handler)
    warn(of: result.unreadable, problems: result.problems)
    say(refused: result.refused)
    try write(result.report, settings)
    if settings.json {
      try Console.print(
        json: EvaluationOutput(
          result.evaluation, result.segmentation, refused: result.refused,
          unreadable: result.unreadable.map(\.description)))
    }
    EvaluationText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    say(settings)
  }

  private static func testLabels(_ bundle: String, _ data: String, _ good: String?, _ settings: Settings) throws {
    let result = try MultiLabelEvaluator.evaluate(
      bundle: bundle, on: data, goodClass: good, allowsTrained: settings.allowsTrained, isStrict: settings.isStrict,
      maximumPixels: settings.maximumPixels, progress: ProgressBar().handler)
    warn(of: result.unreadable, problems: result.problems)
    say(refused: result.refused)
    try write(result.report, settings)
    if settings.json {
      try Console.print(
        json: MultiLabelOutput(
          result.evaluation, result.segmentation, refused: result.refused,
          unreadable: result.unreadable.map(\.description)))
    }
    MultiLabelText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    say(settings)
  }

  private static func testTasks(_ bundle: String, _ data: String, _ settings: Settings) throws {
    let result = try MultiTaskEvaluator.evaluate(
      bundle: bundle, on: data, allowsTrained: settings.allowsTrained, isStrict: settings.isStrict,
      maximumPixels: settings.maximumPixels, progress: ProgressBar().handler)
    warn(of: result.unreadable, problems: result.problems)
    for name in result.untested { Console.say("warning: the data set has no targets for the task \(name)") }
    say(refused: result.refused)
    try write(result.report, settings)
    try TasksOutput.show(
      result.evaluations, result.primary, images: result.images, refused: result.refused,
      unreadable: result.unreadable.map(\.description), json: settings.json)
    say(settings)
  }

  private static func testAnomalies(_ bundle: String, _ data: String, _ good: String?, _ settings: Settings) throws {
    let result = try AnomalyEvaluator.evaluate(
      bundle: bundle, on: data, goodClass: good, allowsTrained: settings.allowsTrained, isStrict: settings.isStrict,
      maximumPixels: settings.maximumPixels, progress: ProgressBar().handler)
    warn(of: result.evaluation.unreadable, problems: result.problems)
    if result.refused > 0 {
      Console.say("\(result.refused) images were refused: the bundle knows them (--allow-trained takes them)")
    }
    try write(result.report, settings)
    if settings.json { try Console.print(json: AnomalyOutput(result)) }
    AnomalyText.say(result.evaluation)
    say(settings)
  }

  func transfer(_ source: String, _ targets: [String], _ json: Bool, _ use: OptionUse) throws -> Plan {
    let settings = settings(json, use)
    let seed = use("--seed", recipe.seed)
    let cache = recipe.cache.store(use)
    return Plan("evaluate --source") { [bundle = paths[0]] in
      let result = try TransferEvaluator.evaluate(
        bundle: bundle, source: source, targets: targets, seed: seed, allowsTrained: settings.allowsTrained,
        isStrict: settings.isStrict, maximumPixels: settings.maximumPixels, cache: cache,
        progress: ProgressBar().handler)
      for text in result.unreadable { Console.say("warning: \(text)") }
      if result.refused > 0 {
        Console.say("\(result.refused) images of the source were refused: the bundle was trained on them")
      }
      try Self.write(TransferReport.html(result, commandLine: typedCommand()), settings)
      if json { try Console.print(json: result) }
      Console.say(TransferReport.text(result))
      for target in result.targets { Console.say(TransferReport.sentence(target)) }
      Self.say(settings)
    }
  }

  private static func say(refused: Int) {
    guard refused > 0 else { return }
    Console.say("\(refused) images were refused: the bundle was trained on them (--allow-trained takes them)")
  }

  private static func say(_ settings: Settings) {
    if let report = settings.report { Console.say("report: \(report)") }
  }

  private static func write(_ html: String, _ settings: Settings) throws {
    guard let report = settings.report else { return }
    do {
      try Data(html.utf8).write(to: URL(fileURLWithPath: report), options: .atomic)
    } catch {
      throw WorkflowError(.inputOutput, "\(report): the report cannot be written; check folder, space and permissions")
    }
  }
}
