public import ArgumentParser
import AssayGraph
import AssayWorkflows
import Foundation

extension InvertedResidualNetwork.Convention: ExpressibleByArgument {}

struct BackbonesCommand: CommandGroup {
  static let configuration = CommandConfiguration(
    commandName: "backbones", abstract: "List the pretrained networks, verify their weights, or bring one.",
    subcommands: accounted([List.self, Import.self, Verify.self]), defaultSubcommand: List.self)

  struct List: PlannedCommand {
    static let configuration = CommandConfiguration(
      abstract: "List backbones, their depths and licences.",
      usage: "assay backbones list [--json]",
      discussion: paragraphs(
        """
        First what is installed, with the depths that can be read; then what `make setup` fetches; then the files that
        publishers offer and `assay backbones import` understands, with the beginning of their SHA-256 where the name
        carries it.
        """))

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
      /// What the publisher calls it, for networks that are not here.
      var file: String?
      var publisher: String?
      var sha256Prefix: String?

      init(_ entry: BackboneCatalogue.Entry) throws {
        name = entry.name
        isInstalled = entry.isInstalled
        inputSize = entry.inputSize
        if let summary = BackboneCatalogue.summary(of: entry) {
          licence = summary.description.licence
          taps = summary.taps
          defaultTaps = summary.defaultTaps
          patchTaps = summary.patchTaps
        } else {
          let backbone = entry.isInstalled ? try BackboneCatalogue.load(entry.name) : nil
          licence = backbone?.description.licence
          taps = backbone?.taps ?? []
          defaultTaps = backbone?.defaultTaps ?? []
          patchTaps = backbone?.patchTaps ?? []
        }
      }

      init(_ published: PublishedWeights) {
        name = published.network
        isInstalled = false
        inputSize = published.inputSize
        licence = published.licence
        taps = []
        defaultTaps = []
        patchTaps = []
        file = published.file
        publisher = published.publisher
        sha256Prefix = published.hashPrefix
      }
    }

    func plan(_ use: OptionUse) throws -> Plan {
      let json = use("--json", json)
      return Plan("backbones list") {
        let entries = BackboneCatalogue.entries
        let rows = try entries.map(Row.init)
        let here = Set(entries.map(\.sha256))
        let others = PublishedWeights.all.filter { published in
          !(published.hashPrefix.map { prefix in here.contains { $0.hasPrefix(prefix) } } ?? false)
        }
        if json { return try Console.print(json: rows + others.map(Row.init)) }
        for row in rows where row.isInstalled {
          try Console.print("\(row.name)  input \(row.inputSize)  \(row.licence ?? "")")
          for tap in row.taps {
            let mark = (row.defaultTaps.contains(tap.name) ? "*" : " ") + (row.patchTaps.contains(tap.name) ? "+" : " ")
            try Console.print("  \(mark) \(Self.padded(tap.name, 18)) \(tap.text)")
          }
        }
        try Console.print("* read by default for classification, + for anomaly detection")
        for row in rows where !row.isInstalled {
          try Console.print("\(row.name)  input \(row.inputSize)  not installed: run `make setup`")
        }
        try Console.print("\npublished files that `assay backbones import FILE` understands:")
        for row in others {
          try Console.print(
            "  \(Self.padded(row.network, 22)) \(Self.padded(row.file, 62)) \(Self.padded(row.hashPrefix ?? "-", 9)) "
              + "\(Self.padded(row.licence, 13)) \(row.publisher)")
        }
      }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }
  }

  struct Import: PlannedCommand {
    static let configuration = CommandConfiguration(
      abstract: "Bring a network: published weights (.pth, .pt, .safetensors), or a graph of your own (.onnx).",
      usage: "assay backbones import <file> [<options>]",
      discussion: paragraphs(
        """
        Weights are recognised by the names and shapes of their tensors, whatever the file is called: ResNet, Wide-ResNet,
        ResNet v2, VGG, Inception v3, MobileNet V2 and V3, EfficientNet and EfficientNet-Lite, ConvNeXt, ViT and DINOv2, of
        torchvision, timm or their authors. Nothing in a file is run. Where a name ends in digits of the SHA-256, as
        torchvision's do, they are checked.

        A graph has operator set 13 to 17 and one image input [N, 3, H, W]; its stages are found by their resolution. Its
        pixels are normalised as for ImageNet (RGB, 0...1, mean 0.485, 0.456, 0.406, deviation 0.229, 0.224, 0.225) unless
        other values are given. Data beside the graph is read when it lies inside the same folder.
        """))

    @Argument(help: "The file: .pth, .pt, .safetensors or .onnx.", completion: .file())
    var file: String

    @OptionGroup(title: HelpGroup.usual) var usual: UsualArguments
    @OptionGroup(title: HelpGroup.pixels) var pixels: PixelArguments

    struct UsualArguments: ParsableArguments {
      @Option(help: "Its name in the catalogue. (default: the network's, or a graph's file's)")
      var name: String?

      @Option(help: "Side of its input in pixels. (default: the network's own, 224 for a graph)")
      var inputSize: Int?

      @Option(
        help:
          "EfficientNet and MobileNet: padding as TensorFlow pads (same, timm's tf_ weights) or symmetric. (default: the usual of the file)"
      )
      var padding: InvertedResidualNetwork.Convention?

      @Option(help: "Licence of the weights, for the record. (default: the publisher's; asked for when not known)")
      var licence: String?

      @Flag(help: "Print what was found as JSON.")
      var json = false
    }

    struct PixelArguments: ParsableArguments {
      @Option(
        help:
          "Mean of each channel, comma separated, in the network's range and order. (default: the publisher's; ImageNet's of a graph)"
      )
      var mean: String?

      @Option(
        help: "Deviation of each channel, comma separated. (default: the publisher's; ImageNet's of a graph)")
      var deviation: String?

      @Option(
        help:
          "What white is to the network: 1 or 255; goes with --mean and --deviation. (default: the publisher's; 1 of a graph)"
      )
      var range: Float?

      @Flag(help: "The network wants blue, green, red.")
      var bgr = false
    }

    /// nil when one of them is no number.
    private func three(_ text: String?, default values: [Float]) -> [Float]? {
      guard let text else { return values }
      let numbers = text.split(separator: ",").map { Float($0.trimmingCharacters(in: .whitespaces)) }
      return numbers.count == 3 && numbers.allSatisfy { $0?.isFinite == true } ? numbers.compactMap { $0 } : nil
    }

    /// nil when none of its options was given.
    private func normalisation(_ use: OptionUse) -> ImportedBackbone.Normalisation? {
      let usual = ImportedBackbone.Normalisation.imageNet
      let mean = use("--mean", pixels.mean)
      let deviation = use("--deviation", pixels.deviation)
      let range = use("--range", pixels.range)
      let bgr = use("--bgr", pixels.bgr)
      guard mean != nil || deviation != nil || range != nil || bgr else { return nil }
      return .init(
        range: range ?? 1, mean: three(mean, default: usual.mean) ?? usual.mean,
        deviation: three(deviation, default: usual.deviation) ?? usual.deviation, isBGR: bgr)
    }

    func validate() throws {
      guard three(pixels.mean, default: [0, 0, 0]) != nil,
        let deviations = three(pixels.deviation, default: [1, 1, 1]),
        deviations.allSatisfy({ $0 > 0 })
      else {
        throw ValidationError("--mean and --deviation take three numbers, e.g. 0.5,0.5,0.5; deviations are above 0")
      }
      guard pixels.range ?? 1 > 0 else { throw ValidationError("--range must be above 0") }
      if let inputSize = usual.inputSize, inputSize < 32 || inputSize > 2048 {
        throw ValidationError("--input-size must be 32 to 2048")
      }
    }

    func plan(_ use: OptionUse) throws -> Plan {
      let json = use("--json", usual.json)
      let options = BackboneImport.Options(
        name: use("--name", usual.name), inputSize: use("--input-size", usual.inputSize),
        normalisation: normalisation(use),
        licence: use("--licence", usual.licence), convention: use("--padding", usual.padding))
      return Plan("backbones import") { [file] in
        let network = try BackboneImport.run(
          file, options,
          askLicence: { Console.answer("licence of these weights (Enter when you do not know)") })
        if json { return try Console.print(json: network) }
        let description = network.description
        try Console.print("\(description.name)  input \(description.nativeSize)")
        if let architecture = network.architecture { try Console.print("recognised as \(architecture)") }
        try Console.print("source: \(description.source)\nlicence: \(description.licence)\nSHA-256: \(network.sha256)")
        try Console.print("parameters: \(String(format: "%.1f", Double(network.parameters) / 1e6)) million")
        for tap in network.taps { try Console.print("   \(tap.name)  \(tap.text)") }
        let rule = network.normalisation
        try Console.print(
          "pixels: \(rule.isBGR ? "BGR" : "RGB"), white is \(rule.range), mean \(rule.mean), deviation \(rule.deviation)"
        )
        if let convention = network.convention { try Console.print("padding: \(convention) (--padding)") }
        if let evaluation = network.evaluation { try Console.print("evaluated by its publisher with: \(evaluation)") }
        try Console.print(
          "read for classification: \(network.defaultTaps.joined(separator: ", ")) (\(network.features) features)\n"
            + "read for anomaly detection: \(network.patchTaps.joined(separator: ", "))")
        if let milliseconds = network.milliseconds {
          try Console.print("one image on this machine: \(String(format: "%.1f", milliseconds)) ms")
        }
        try Console.print("use it with --backbone \(description.name)")
      }
    }
  }

  struct Verify: PlannedCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the weights against their published SHA-256, or that of when they were imported.")

    func plan(_ use: OptionUse) throws -> Plan {
      Plan("backbones verify") {
        for entry in BackboneCatalogue.entries {
          _ = try BackboneCatalogue.load(entry.name)
          try Console.print("ok  \(entry.name)  \(entry.sha256)")
        }
      }
    }
  }
}

extension Tap {
  fileprivate var text: String {
    stride == Tap.wholeImage ? "\(channels) channels, one position" : "\(channels) channels, stride \(stride)"
  }
}
