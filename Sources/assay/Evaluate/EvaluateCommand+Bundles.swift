import ArgumentParser
import AssayBundle
import AssayData
import AssayRuntime
import AssayWorkflows
import Foundation

/// A finished bundle on labelled images: on its own line's, or on others'.
extension EvaluateCommand {
  /// What every test of a bundle is told.
  private struct Settings {
    let allowsTrained: Bool
    let isStrict: Bool
    let maximumPixels: Int
    let engines: Engines
    let encoding: String?
    let report: String?
    let json: Bool
  }

  private func settings(_ json: Bool, _ use: OptionUse) -> Settings {
    Settings(
      allowsTrained: use("--allow-trained", usual.allowTrained), isStrict: images.isStrict(use),
      maximumPixels: images.maximumPixels(use), engines: recipe.engine.engines(use), encoding: images.encoding(use),
      report: use("--report", usual.report),
      json: json)
  }

  func test(_ json: Bool, _ use: OptionUse) throws -> Plan {
    let (bundle, data) = (paths[0], paths[1])
    let manifest: Manifest
    do { manifest = try ModelBundle(path: bundle).manifest } catch { throw WorkflowError(error) }
    let settings = settings(json, use)
    use.without(
      [
        "--max-escape", "--max-overkill", "--backbone", "--taps", "--input-size", "--statistics", "--framing",
        "--filter", "--white-level",
        "--class-weights", "--seed", "--cache", "--cache-limit", "--no-cache", "--multi-label", "--tasks",
        "--shared-width", "--task-weights",
      ],
      because: "a bundle is tested as it is, by the rule in its manifest; it needs --folds"
        + (manifest.rule.scale == nil ? "" : ", or `assay threshold`"))
    var (labels, goodClass): (LabelScheme?, String?)
    switch BundleTest.way(manifest, data: data, encoding: settings.encoding) {
    case .anomaly:
      use.without(["--labels"], because: "the bundle is an anomaly detector, which knows good parts and others")
      goodClass = use("--good", usual.good)
    case .labels:
      use.without(["--labels"], because: "the bundle finds several classes on one image")
      goodClass = use("--good", usual.good)
    case .tasks:
      use.without(["--labels", "--good"], because: "the tasks of the bundle have the classes of their columns")
    case .classes:
      labels = use("--labels", usual.labels)
      if labels == .native, manifest.kind.spec.pixelMarks == nil {
        use.without(["--good"], because: "the bundle knows its own good class, and the labels are taken as they are")
      } else {
        goodClass = use("--good", usual.good)
      }
    }
    let options = EvaluationOptions(
      labels: labels, goodClass: goodClass, allowsTrained: settings.allowsTrained, isStrict: settings.isStrict,
      maximumPixels: settings.maximumPixels, encoding: settings.encoding, engines: settings.engines)
    return Plan("evaluate BUNDLE", kept: "nothing was written") {
      let notes = BundleTest.pictureNotes(
        bundle: bundle, on: data, encoding: options.encoding, cache: FeatureCache(),
        maximumPixels: settings.maximumPixels)
      for note in notes { Console.say("warning: \(note)") }
      switch try BundleTest.run(bundle: bundle, on: data, options: options, progress: ProgressBar().handler) {
      case .classes(let result): try Self.show(result, settings)
      case .labels(let result): try Self.show(result, settings)
      case .tasks(let result): try Self.show(result, settings)
      case .anomaly(let result): try Self.show(result, settings)
      }
    }
  }

  private static func show(_ result: BundleEvaluation, _ settings: Settings) throws {
    say(refused: result.refused)
    try write(result.report, settings)
    if settings.json {
      try Console.print(
        json: WithReading(
          EvaluationOutput(
            result.evaluation, result.segmentation, refused: result.refused,
            unreadable: result.unreadable.map(\.description)), result.reading, fitness: result.fitness))
    }
    FitnessText.say(result.fitness)
    EvaluationText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    say(settings)
  }

  private static func show(_ result: MultiLabelTest, _ settings: Settings) throws {
    say(refused: result.refused)
    try write(result.report, settings)
    if settings.json {
      try Console.print(
        json: WithReading(
          MultiLabelOutput(
            result.evaluation, result.segmentation, refused: result.refused,
            unreadable: result.unreadable.map(\.description)), result.reading, fitness: result.fitness))
    }
    FitnessText.say(result.fitness)
    MultiLabelText.say(result.evaluation)
    MultiLabelText.say(result.segmentation)
    say(settings)
  }

  private static func show(_ result: MultiTaskTest, _ settings: Settings) throws {
    for name in result.untested { Console.say("warning: the data set has no targets for the task \(name)") }
    say(refused: result.refused)
    try write(result.report, settings)
    try TasksOutput.show(
      result.evaluations, result.primary, result.fitness, images: result.images, refused: result.refused,
      unreadable: result.unreadable.map(\.description), result.reading, json: settings.json)
    say(settings)
  }

  private static func show(_ result: AnomalyEvaluator.Result, _ settings: Settings) throws {
    if result.refused > 0 {
      Console.say("\(result.refused) images were refused: the bundle knows them (--allow-trained takes them)")
    }
    try write(result.report, settings)
    if settings.json {
      try Console.print(json: WithReading(AnomalyOutput(result), result.reading, fitness: result.fitness))
    }
    FitnessText.say(result.fitness)
    AnomalyText.say(result.evaluation)
    say(settings)
  }

  func transfer(_ source: String, _ targets: [String], _ json: Bool, _ use: OptionUse) throws -> Plan {
    let settings = settings(json, use)
    let seed = use("--seed", recipe.seed)
    let cache = recipe.cache.store(use)
    return Plan("evaluate --source", kept: "nothing was written") { [bundle = paths[0]] in
      let result = try TransferEvaluator.evaluate(
        bundle: bundle, source: source, targets: targets, seed: seed, allowsTrained: settings.allowsTrained,
        isStrict: settings.isStrict, encoding: settings.encoding, maximumPixels: settings.maximumPixels, cache: cache,
        engines: settings.engines,
        progress: ProgressBar().handler)
      if result.refused > 0 {
        Console.say("\(result.refused) images of the source were refused: the bundle was trained on them")
      }
      try Self.write(TransferReport.html(result, commandLine: typedCommand()), settings)
      if json { try Console.print(json: result) }
      Console.say(ShownLine(lines: TransferReport.text(result)))
      for target in result.targets { Console.say(ShownLine(TransferReport.sentence(target))) }
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
