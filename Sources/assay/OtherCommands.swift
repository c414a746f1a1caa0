import ArgumentParser
import AssayData
import AssayModel
import AssayWorkflows
import Foundation

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check that everything Assay needs is there; exit 1 if something is missing.")

  @Flag(help: "Print the checks as JSON.")
  var json = false

  func run() throws {
    let doctor = Doctor()
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

struct BackbonesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backbones", abstract: "List the pretrained networks, verify their weights, or bring one.",
    subcommands: [List.self, Import.self, Verify.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List backbones, their depths and licences.")

    @Flag(help: "Print as JSON.")
    var json = false

    private struct Row: Encodable {
      let name: String
      let isInstalled: Bool
      let inputSize: Int
      let licence: String?
      let taps: [Tap]
      let defaultTaps: [String]
      let patchTaps: [String]
    }

    func run() throws {
      try Console.run {
        let rows = try BackboneCatalogue.entries.map { entry in
          let backbone = entry.isInstalled ? try BackboneCatalogue.load(entry.name) : nil
          return Row(
            name: entry.name, isInstalled: entry.isInstalled, inputSize: entry.inputSize,
            licence: backbone?.description.licence, taps: backbone?.taps ?? [],
            defaultTaps: backbone?.defaultTaps ?? [],
            patchTaps: backbone?.patchTaps ?? [])
        }
        if json { return try Console.print(json: rows) }
        for row in rows {
          print(
            "\(row.name)  input \(row.inputSize)  \(row.isInstalled ? row.licence ?? "" : "not installed: run `make setup`")"
          )
          for tap in row.taps {
            let mark = (row.defaultTaps.contains(tap.name) ? "*" : " ") + (row.patchTaps.contains(tap.name) ? "+" : " ")
            print(
              "  \(mark) \(tap.name.padding(toLength: max(18, tap.name.count), withPad: " ", startingAt: 0)) \(tap.channels) channels, stride \(tap.stride)"
            )
          }
        }
        print("* read by default for classification, + for anomaly detection")
      }
    }
  }

  struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a network of your own as an ONNX file.",
      discussion: """
        Everything up to the depths that are read is copied into each bundle. The stages are found by their resolution and
        listed. Pixels are normalised as for ImageNet (RGB, 0...1, mean 0.485, 0.456, 0.406, deviation 0.229, 0.224,
        0.225) unless other values are given.
        """)

    @Argument(help: "The ONNX file, operator set 13 to 17, one image input [N, 3, H, W].")
    var file: String

    @Option(help: "Its name in the catalogue; the file's when not given.")
    var name: String?

    @Option(help: "Side of its input in pixels.")
    var inputSize = 224

    @Option(help: "Mean of each channel, comma separated, in the network's own range and order.")
    var mean = "0.485,0.456,0.406"

    @Option(help: "Deviation of each channel, comma separated.")
    var deviation = "0.229,0.224,0.225"

    @Option(help: "What white is to the network: 1 or 255.")
    var range: Float = 1

    @Flag(help: "The network wants blue, green, red.")
    var bgr = false

    @Option(help: "Licence of the weights, for the record.")
    var licence = "unknown"

    @Flag(help: "Print what was found as JSON.")
    var json = false

    private func three(_ text: String) -> [Float] {
      text.split(separator: ",").compactMap { Float($0.trimmingCharacters(in: .whitespaces)) }
    }

    func validate() throws {
      guard three(mean).count == 3, three(deviation).count == 3, !three(deviation).contains(where: { $0 <= 0 }) else {
        throw ValidationError("--mean and --deviation take three numbers, e.g. 0.5,0.5,0.5; deviations are above 0")
      }
      guard range > 0 else { throw ValidationError("--range must be above 0") }
      guard inputSize >= 32, inputSize <= 2048, inputSize % 32 == 0 else {
        throw ValidationError("--input-size must be a multiple of 32 from 32 to 2048")
      }
    }

    func run() throws {
      try Console.run {
        let card = try BackboneImport.run(
          file,
          .init(
            name: name, inputSize: inputSize,
            normalisation: .init(range: range, mean: three(mean), deviation: three(deviation), isBGR: bgr),
            licence: licence))
        if json { return try Console.print(json: card) }
        print("\(card.description.name)  input \(card.description.nativeSize)")
        for tap in card.taps { print("   \(tap.name)  \(tap.channels) channels, stride \(tap.stride)") }
        print(
          "pixels: \(bgr ? "BGR" : "RGB"), white is \(range), mean \(mean), deviation \(deviation)\n"
            + "read for classification: \(card.defaultTaps.joined(separator: ", "))\n"
            + "read for anomaly detection: \(card.patchTaps.joined(separator: ", "))\n"
            + "use it with --backbone \(card.description.name)")
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Check the weights against their published SHA-256.")

    func run() throws {
      try Console.run {
        for entry in BackboneCatalogue.entries {
          _ = try BackboneCatalogue.load(entry.name)
          print("ok  \(entry.name)  \(entry.sha256)")
        }
      }
    }
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
      let result = try Benchmark.run(subject, images: files, seconds: seconds)
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
