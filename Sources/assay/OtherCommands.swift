import ArgumentParser
import AssayData
import AssayModel
import AssayPlant
import AssayWorkflows
import Foundation

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check that everything Assay needs is there; exit 1 if something is missing.")

  @Flag(help: "Print the checks as JSON.")
  var json = false

  func run() throws {
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
      if json { Console.say(line) } else { print(line) }
    }
    if !doctor.isWell { throw ExitCode(1) }
  }
}

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a bundle's graph as an ONNX file that other runtimes run unchanged.")

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(name: [.short, .long], help: "The ONNX file to write.")
  var output: String

  func run() throws {
    try Console.run {
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

struct BenchCommand: ParsableCommand {
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

  func run() throws {
    try Console.run {
      if training {
        let result = try TrainingBenchmark.run(
          subject, batchSize: batchSize, inputSize: inputSize, frozenTo: freezeTo, steps: steps)
        if json { return try Console.print(json: result) }
        return print(
          String(
            format: "%@, batch %d, %d pixels: %.2f ms an image, %.1f M parameters, %d MiB of activations, peak %d MiB",
            subject, batchSize, inputSize, result.median, Double(result.parameters) / 1e6, result.activationMiB,
            result.peakMiB))
      }
      if subject.hasSuffix(".npy") {
        let result = try CoresetBenchmark.run(subject, share: coreset, progress: ProgressBar().handler)
        if json { return try Console.print(json: result) }
        let size = "\(result.chosen) of \(result.points) points of \(result.dimension) dimensions"
        return print(String(format: "%@: %.2f s, radius %.6g", size, result.seconds, result.radius))
      }
      var files: [String] = []
      if let images {
        files = FolderSearch.images(in: images)
        guard !files.isEmpty else { throw WorkflowError(.noInput, "\(images): no images were found; check the path") }
      }
      let result = try Benchmark.run(subject, images: files, seconds: seconds, pause: pause)
      if json { return try Console.print(json: result) }
      func line(_ name: String, _ value: String) {
        print(name.padding(toLength: 34, withPad: " ", startingAt: 0) + value)
      }
      line("processor", "\(result.processor), \(result.threads) threads")
      line("compile", String(format: "%.0f ms", result.compileMilliseconds))
      line("graph alone, one image", String(format: "%.2f ms (p99 %.2f)", result.latencyMedian, result.latencyP99))
      if let median = result.inspectMedian, let p99 = result.inspectP99 {
        line("file to verdict, one image", String(format: "%.2f ms (p99 %.2f)", median, p99))
        line("ratio", String(format: "%.2f", median / result.latencyMedian))
      }
      line("graph alone, all cores", String(format: "%.1f images/s", result.throughput))
      if let throughput = result.inspectThroughput {
        line("file to verdict, 1,000 files", String(format: "%.1f images/s", throughput))
        line("ratio", String(format: "%.3f", throughput / result.throughput))
      }
    }
  }
}
