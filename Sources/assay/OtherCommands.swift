import ArgumentParser
import AssayData
import AssayModel
import AssayPlant
import AssayWorkflows
import Foundation

struct DoctorCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check that everything Assay needs is there; exit 1 if something is missing.")

  @Flag(help: "Print the checks as JSON.")
  var json = false

  func plan(_ use: OptionUse) throws -> Plan {
    let json = use("--json", json)
    return Plan("doctor") { try Self.look(json) }
  }

  private static func look(_ json: Bool) throws {
    // What a link needs is no fault of a station that has none.
    let doctor = Doctor(
      optional: PlantLibrary.allCases.map { library in
        (
          "lib\(library.rawValue)",
          library.failure.map { _ in
            "not here; \(library.purpose) needs it: apt-get install \(library.package)"
          } ?? "\(library.purpose)"
        )
      })
    if json { try Console.print(json: doctor) }
    for check in doctor.checks where !json || !check.isWell {
      let line =
        "\(check.isWell ? "ok     " : "MISSING") \(check.name): \(check.detail)"
        + (check.remedy.map { "; \($0)" } ?? "")
      if json { Console.say(ShownLine(line)) } else { try Console.print(ShownLine(line)) }
    }
    if !doctor.isWell { throw ExitCode(1) }
  }
}

struct ExportCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a bundle's graph as an ONNX file that other runtimes run unchanged.")

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(name: [.short, .long], help: "The ONNX file to write.")
  var output: String

  func plan(_ use: OptionUse) throws -> Plan {
    let output = use("--output", output)
    return Plan("export") { [bundle] in
      do {
        let opened = try ModelBundle(path: bundle)
        let model = try opened.contents(ModelBundle.modelName)
        do {
          try Data(model).write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
          throw WorkflowError(.inputOutput, "\(output): it cannot be written; check folder, space and permissions")
        }
        let parsed = try ONNXModel(bytes: model, source: output)
        for port in parsed.inputs { Console.say("input   \(port.name) \(port.shape)") }
        for port in parsed.outputs { Console.say("output  \(port.name) \(port.shape)") }
        Console.say(
          "opset \(parsed.opset); the image is RGB, 0...1, resized as the metadata entry assay.preprocessing says")
      } catch {
        throw WorkflowError(error)
      }
    }
  }
}

struct BenchCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Time a bundle, a backbone, training or the coreset on this machine.",
    discussion: """
      A NumPy file (.npy, float32 [n, d]) is taken for points of which a coreset is chosen. With --training, full training
      steps of a backbone are timed; mobilenet-v2, resnet18 and resnet50 need no weights for that.
      """)

  @Argument(help: "A bundle, the name of a backbone, or a NumPy file of points.")
  var subject: String

  @Option(help: "Coreset: share of the points that is chosen.")
  var coreset = 0.01

  @Option(help: "Also time whole inspections of these images (a file or a folder; bundles only).")
  var images: String?

  @Option(help: "Seconds for each measurement.")
  var seconds = 3.0

  @Option(
    help: "Milliseconds to wait before each image that is inspected alone, as between parts on a line.")
  var pause = 0.0

  @Flag(help: "Time training steps of a backbone (forward, backward, optimiser).")
  var training = false

  @Option(help: "Training: images in a batch.")
  var batchSize = 16

  @Option(help: "Training: side of the input in pixels.")
  var inputSize = 224

  @Option(help: "Training: train only what lies behind this stage, from cached activations.")
  var freezeTo: String?

  @Option(help: "Training: steps to time.")
  var steps = 5

  @Flag(help: "Print as JSON.")
  var json = false

  func validate() throws {
    guard batchSize > 0, inputSize >= 32, steps > 0 else {
      throw ValidationError("--batch-size and --steps must be above 0, --input-size at least 32")
    }
    guard coreset > 0, coreset <= 1 else { throw ValidationError("--coreset must be above 0 and at most 1") }
    guard seconds > 0 else { throw ValidationError("--seconds must be above 0") }
    guard (0...10_000).contains(pause) else { throw ValidationError("--pause must be from 0 to 10000 milliseconds") }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let json = use("--json", json)
    if use("--training", training) { return trainingSteps(json, use) }
    use.without(["--batch-size", "--input-size", "--freeze-to", "--steps"], because: "it needs --training")
    return subject.hasSuffix(".npy") ? chosenPoints(json, use) : try inspections(json, use)
  }

  private func trainingSteps(_ json: Bool, _ use: OptionUse) -> Plan {
    let batchSize = use("--batch-size", batchSize)
    let inputSize = use("--input-size", inputSize)
    let freezeTo = use("--freeze-to", freezeTo)
    let steps = use("--steps", steps)
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
    let share = use("--coreset", coreset)
    return Plan("bench POINTS.npy") { [subject] in
      let result = try CoresetBenchmark.run(subject, share: share, progress: ProgressBar().handler)
      if json { return try Console.print(json: result) }
      let size = "\(result.chosen) of \(result.points) points of \(result.dimension) dimensions"
      try Console.print(ShownLine(String(format: "%@: %.2f s, radius %.6g", size, result.seconds, result.radius)))
    }
  }

  private func inspections(_ json: Bool, _ use: OptionUse) throws -> Plan {
    let seconds = use("--seconds", seconds)
    let pause = use("--pause", pause)
    let isBackbone = BackboneCatalogue.entries.contains { $0.name == subject }
    use.without(["--coreset"], because: "it needs a file of points")
    var files: [String] = []
    if isBackbone {
      use.without(["--images"], because: "a backbone does not inspect; name a bundle")
    } else if let images = use("--images", images) {
      files = FolderSearch.images(in: images)
      guard !files.isEmpty else { throw WorkflowError(.noInput, "\(images): no images were found; check the path") }
    }
    return Plan(isBackbone ? "bench BACKBONE" : "bench BUNDLE") { [subject, files] in
      let result = try Benchmark.run(subject, images: files, seconds: seconds, pause: pause)
      if json { return try Console.print(json: result) }
      func line(_ name: String, _ value: String) throws {
        try Console.print("\(name.padding(toLength: 34, withPad: " ", startingAt: 0))\(value)")
      }
      try line("processor", "\(result.processor), \(result.threads) threads")
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
  }
}
