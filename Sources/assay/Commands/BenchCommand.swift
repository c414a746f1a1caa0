import ArgumentParser
import AssayData
import AssayWorkflows
import Foundation

struct BenchCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Time a bundle, a backbone, training or the coreset on this machine.",
    usage: "assay bench <subject> [<options>]",
    discussion: paragraphs(
      """
      A NumPy file (.npy, float32 [n, d]) is taken for points of which a coreset is chosen. With --training, full training
      steps of a backbone are timed; mobilenet-v2, resnet18 and resnet50 need no weights for that.

      --engine all measures every engine that is here, image by image in turn, and says how far their outputs are apart.
      """))

  @Argument(help: "A bundle, the name of a backbone, or a NumPy file of points.", completion: .file())
  var subject: String

  @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
  @OptionGroup(title: HelpGroup.training) var step: StepArguments
  @OptionGroup(title: HelpGroup.coreset) var choice: ChoiceArguments

  struct UsualArguments: ParsableArguments {
    @Option(
      help: "Also time whole inspections of these images (a file or a folder; bundles only). (default: none)",
      completion: .file())
    var images: String?

    @Option(help: "Seconds for each measurement.")
    var seconds = 3.0

    @Option(
      help: "Milliseconds to wait before each image that is inspected alone, as between parts on a line.")
    var pause = 0.0

    @Option(
      help: "What runs networks: auto, openvino, onnxruntime, or all of them in turn; auto is the first that is here.")
    var engine = EngineChoice.one(.auto)

    @Flag(help: "Print as JSON.")
    var json = false

    func validate() throws {
      guard seconds > 0 else { throw ValidationError("--seconds must be above 0") }
      guard (0...10_000).contains(pause) else { throw ValidationError("--pause must be from 0 to 10000 milliseconds") }
    }
  }

  enum EngineChoice: Hashable, CaseIterable, ExpressibleByArgument {
    case one(EngineArguments.Choice)
    case all

    static var allCases: [EngineChoice] { EngineArguments.Choice.allCases.map(EngineChoice.one) + [.all] }
    static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }

    init?(argument: String) {
      guard let choice = Self.allCases.first(where: { $0.defaultValueDescription == argument }) else { return nil }
      self = choice
    }

    var defaultValueDescription: String {
      switch self {
      case .one(let choice): choice.defaultValueDescription
      case .all: "all"
      }
    }
  }

  struct StepArguments: ParsableArguments {
    @Flag(help: "Time training steps of a backbone (forward, backward, optimiser).")
    var training = false

    @Option(help: "Images in a batch.")
    var batchSize = 16

    @Option(help: "Side of the input in pixels.")
    var inputSize = 224

    @Option(help: "Train only what lies behind this stage, from cached activations. (default: none, all is trained)")
    var freezeTo: String?

    @Option(help: "Steps to time.")
    var steps = 5

    func validate() throws {
      guard batchSize > 0, inputSize >= 32, steps > 0 else {
        throw ValidationError("--batch-size and --steps must be above 0, --input-size at least 32")
      }
    }
  }

  struct ChoiceArguments: ParsableArguments {
    @Option(help: "Share of the points that is chosen.")
    var coreset = 0.01

    func validate() throws {
      guard coreset > 0, coreset <= 1 else { throw ValidationError("--coreset must be above 0 and at most 1") }
    }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let json = use("--json", usual.json)
    if use("--training", step.training) {
      use.without(["--engine"], because: "training steps run in oneDNN")
      return trainingSteps(json, use)
    }
    use.without(["--batch-size", "--input-size", "--freeze-to", "--steps"], because: "it needs --training")
    return subject.hasSuffix(".npy") ? chosenPoints(json, use) : try inspections(json, use)
  }

  private func trainingSteps(_ json: Bool, _ use: OptionUse) -> Plan {
    let batchSize = use("--batch-size", step.batchSize)
    let inputSize = use("--input-size", step.inputSize)
    let freezeTo = use("--freeze-to", step.freezeTo)
    let steps = use("--steps", step.steps)
    return Plan("bench --training") { [subject] in
      let result = try TrainingBenchmark.run(
        subject, batchSize: batchSize, inputSize: inputSize, frozenTo: freezeTo, steps: steps)
      if json { return try Console.print(json: result) }
      try Console.print(
        ShownLine(
          String(
            format: "%@, batch %d, %d pixels: %.2f ms an image, %.1f M parameters, %d MiB of activations, peak %d MiB",
            subject, batchSize, inputSize, result.median, Double(result.parameters) / 1e6, result.activationMiB,
            result.peakMiB)))
    }
  }

  private func chosenPoints(_ json: Bool, _ use: OptionUse) -> Plan {
    let share = use("--coreset", choice.coreset)
    use.without(["--engine"], because: "no network is run")
    return Plan("bench POINTS.npy") { [subject] in
      let result = try CoresetBenchmark.run(subject, share: share, progress: ProgressBar().handler)
      if json { return try Console.print(json: result) }
      let size = "\(result.chosen) of \(result.points) points of \(result.dimension) dimensions"
      try Console.print(ShownLine(String(format: "%@: %.2f s, radius %.6g", size, result.seconds, result.radius)))
    }
  }

  private func inspections(_ json: Bool, _ use: OptionUse) throws -> Plan {
    let seconds = use("--seconds", usual.seconds)
    let pause = use("--pause", usual.pause)
    let isBackbone = BackboneCatalogue.entries.contains { $0.name == subject }
    use.without(["--coreset"], because: "it needs a file of points")
    var files: [String] = []
    if isBackbone {
      use.without(["--images"], because: "a backbone does not inspect; name a bundle")
    } else if let images = use("--images", usual.images) {
      files = FolderSearch.images(in: images)
      guard !files.isEmpty else { throw WorkflowError(.noInput, "\(images): no images were found; check the path") }
    }
    let plan = Benchmark.Plan(images: files, seconds: seconds, pause: pause)
    let choice = use("--engine", usual.engine)
    return Plan(isBackbone ? "bench BACKBONE" : "bench BUNDLE") { [subject] in
      switch choice {
      case .one(let choice):
        let result = try Benchmark.run(subject, plan, engines: choice.engines)
        if json { return try Console.print(json: result) }
        try Self.show(result)
      case .all:
        let result = try EngineBenchmark.run(subject, plan)
        if json { return try Console.print(json: result) }
        try Self.show(result)
      }
    }
  }

  private static func line(_ name: String, _ value: String) throws {
    try Console.print("\(name.padding(toLength: 34, withPad: " ", startingAt: 0))\(value)")
  }

  private static func show(_ result: Benchmark) throws {
    try line("processor", "\(result.processor), \(result.threads) threads")
    try line("engine", result.engine)
    try line("compile", String(format: "%.0f ms", result.compileMilliseconds))
    try line("graph alone, one image", String(format: "%.2f ms (p99 %.2f)", result.latencyMedian, result.latencyP99))
    if let median = result.inspectMedian, let p99 = result.inspectP99 {
      try line("file to verdict, one image", String(format: "%.2f ms (p99 %.2f)", median, p99))
      try line("ratio", String(format: "%.2f", median / result.latencyMedian))
    }
    try line("graph alone, all cores", String(format: "%.1f images/s", result.throughput))
    if let throughput = result.inspectThroughput {
      try line("file to verdict, 1,000 files", String(format: "%.1f images/s", throughput))
      try line("ratio", String(format: "%.3f", throughput / result.throughput))
    }
  }

  private static func show(_ result: EngineBenchmark) throws {
    for (place, engine) in result.engines.enumerated() {
      if place > 0 { try Console.print("") }
      try show(engine)
    }
    for difference in result.differences {
      try line(
        "\(difference.output), furthest apart",
        String(format: "%.2g (largest value %.3g)", difference.largest, difference.scale))
    }
    for (_, reason) in result.missing.sorted(by: { $0.key < $1.key }) { Console.say("note: \(reason)") }
  }
}
