import Foundation
import Testing

/// A way that a command can go, and which of the command's options have an effect on it.
struct Way: Sendable, CustomTestStringConvertible {
  let command: String
  /// What makes the command go this way, with the data.
  let words: [String]
  /// Options that are accepted together; alternatives are in lists of their own.
  let uses: [[String]]
  /// Options that are used, and would make it another way.
  let turns: [String]
  /// Whether the work is done too, and must succeed with the first of ``uses``; otherwise only the options are looked at, with words of which the
  /// work must fail.
  let succeeds: Bool

  var testDescription: String { ([command] + words.map { ($0 as NSString).lastPathComponent }).joined(separator: " ") }

  init(_ command: String, _ words: [String], uses: [[String]], turns: [String] = [], succeeds: Bool = true) {
    self.command = command
    self.words = words
    self.uses = uses
    self.turns = turns
    self.succeeds = succeeds
  }

  func turning(_ option: String) -> Way { Way(command, words, uses: uses, turns: turns + [option], succeeds: succeeds) }

  var given: [String] { words.filter { $0.hasPrefix("--") } + (words.contains("-o") ? ["--output"] : []) }
}

/// No option is ignored: what a way does not use, it refuses. A new option fails here until every way either uses it or
/// refuses it, and at least one uses it.
@Suite struct OptionTests {
  /// A value with which each option can be given; flags have none.
  private static func value(_ option: String, _ command: String) -> [String]? {
    let shop = Workshop.shared
    let own = [
      "bench --input-size": "64", "bench --batch-size": "2", "bench --coreset": "0.5",
      "evaluate --folds": "3", "evaluate --method": "fewshot", "adapt --method": "statistics",
      "adapt --good": shop.classes + "/good", "adapt --source": shop.classes, "camera grab --interval": "5",
      "compare --folds": "3", "watch --output": shop.folder + "/sorted", "watch --patience": "1",
    ]["\(command) \(option)"]
    if let own { return [own] }
    switch option {
    case "--json", "--strict", "--no-cache", "--use-masks", "--multi-label", "--trim", "--balanced-sampling",
      "--batch-statistics", "--force", "--allow-trained", "--fail-on-defect", "--once", "--best-f1", "--compare-only",
      "--rollback", "--state", "--undo", "--bgr", "--fake", "--training", "--modbus-open":
      return []
    case "--statistics", "--target": return option == "--target" ? [shop.classes] : ["mean"]
    default: break
    }
    let values = [
      "--method": "linear", "--optimizer": "lbfgs", "--learning-rate": "0.01", "--batch-size": "8", "--epochs": "2",
      "--weight-decay": "0.01", "--folds": "2", "--augment": "none", "--test-fraction": "0.5",
      "--validation-fraction": "0.25", "--labels": "native", "--good": "good", "--backbone": "tiny",
      "--input-size": "96", "--taps": "stage4", "--framing": "letterbox", "--filter": "bicubic",
      "--class-weights": "balanced", "--seed": "7", "--max-escape": "0.6", "--max-overkill": "0.4", "--margin": "0.1",
      "--cache": shop.folder + "/own-cache", "--cache-limit": "64", "--freeze-to": "stage3", "--views": "2",
      "--depth-factor": "0.9", "--head-factor": "0.5", "--momentum": "0.8", "--warm-up": "0.5",
      "--label-smoothing": "0.1", "--mixing": "mixup", "--mixing-alpha": "0.3", "--averaging": "0.5",
      "--clipping": "1", "--patience": "1", "--stopping-fraction": "0.4", "--dropout": "0.1",
      "--stochastic-depth": "0.1", "--logdir": shop.folder + "/logs-\(UUID().uuidString)", "--tasks": "defect",
      "--shared-width": "8", "--task-weights": "learned", "--detector": "patchcore", "--coreset": "0.5",
      "--score-share": "0.2", "--smoothing": "1", "--tile": "64", "--tile-overlap": "8", "--roi": shop.roi,
      "--ignore": shop.ignore, "--shots": "3", "--max-pixels": "1000000", "--output": shop.folder + "/unused",
      "--report": shop.folder + "/report-\(UUID().uuidString).html", "--source": shop.classes, "--seeds": "2",
      "--maps": shop.folder + "/maps", "--convert": "csv", "--backbones": "tiny", "--methods": "linear",
      "--check": "3", "--class": "good", "--value": "0.5", "--by": "me", "--reason": "lamp", "--encoding": "latin1",
      "--white-level": "4095", "--show": shop.folder + "/shown-\(UUID().uuidString)", "--name": "other",
      "--mean": "0.4,0.4,0.4", "--deviation": "0.2,0.2,0.2",
      "--range": "255", "--padding": "symmetric", "--licence": "none", "--images": shop.classes + "/good",
      "--seconds": "0.05", "--pause": "1", "--steps": "1", "--host": "localhost", "--port": "0",
      "--token-file": shop.folder + "/none", "--certificate": shop.folder + "/none", "--key": shop.folder + "/none",
      "--record": "sync", "--record-folder": shop.folder + "/record", "--keep-images": "none", "--keep-days": "3",
      "--keep-size": "64", "--queue": "3", "--longest-wait": "2", "--max-body": "3", "--exchange-time": "9",
      "--idle-time": "9", "--connections": "9", "--memory": "99", "--event-readers": "9",
      "--time-zone": "Asia/Kolkata", "--training-data": shop.classes,
      "--log-level": "critical",
      "--mqtt": "mqtt://localhost:1", "--mqtt-password-file": shop.folder + "/none", "--mqtt-ca": shop.folder + "/none",
      "--mqtt-certificate": shop.folder + "/none", "--mqtt-key": shop.folder + "/none", "--mqtt-buffer": "9",
      "--modbus": "localhost:0", "--modbus-source": shop.classes, "--camera": "Fake_1", "--camera-interval": "100",
      "--camera-set": "Gain=1", "--camera-timeout": "1", "--trigger-model": "part", "--trigger-patience": "1",
      "--action": "link", "--interval": "0.05", "--patience ": "1", "--from-record": shop.folder + "/record",
      "--count": "2", "--labelled": shop.classes, "--uncertain": "0.3", "--engine": "onnxruntime",
    ]
    return values[option].map { [$0] }
  }

  static func typed(_ options: [String], _ command: String) throws -> [String] {
    try options.flatMap { option in [option] + (try #require(value(option, command), "\(command) \(option)")) }
  }

  // MARK: Ways

  private static let read = [
    "--backbone", "--taps", "--filter", "--max-pixels", "--strict", "--seed", "--encoding", "--white-level",
    "--engine",
  ]
  private static let cache = ["--cache", "--cache-limit"]
  private static let features = read + cache + ["--input-size", "--framing", "--statistics"]
  private static let trained = ["--output", "--json", "--test-fraction", "--good", "--uncertain"]
  private static let solver = ["--learning-rate", "--batch-size", "--epochs", "--weight-decay"]
  private static let tuning = [
    "--freeze-to", "--views", "--depth-factor", "--head-factor", "--warm-up", "--label-smoothing", "--mixing",
    "--mixing-alpha", "--averaging", "--clipping", "--patience", "--stopping-fraction", "--balanced-sampling",
    "--dropout", "--stochastic-depth", "--batch-statistics", "--force", "--logdir",
  ]

  static let train: [Way] = {
    let shop = Workshop.shared
    let base = features + trained
    let quick = ["--epochs", "1", "--batch-size", "8", "--folds", "2"]
    return [
      Way(
        "train", [shop.classes],
        uses: [base + ["--method", "--labels", "--class-weights", "--optimizer", "--folds", "--max-escape"]]
          + [["--max-overkill"], ["--no-cache"], ["--use-masks"]], turns: ["--multi-label", "--tasks"]),
      Way(
        "train", [shop.classes, "--optimizer", "adam"],
        uses: [base + solver + ["--labels", "--class-weights", "--validation-fraction", "--max-overkill"]]
          + [["--max-escape"], ["--no-cache"], ["--use-masks"]], turns: ["--multi-label", "--tasks", "--method"]),
      Way(
        "train", [shop.classes, "--multi-label"],
        uses: [base + ["--class-weights", "--optimizer", "--folds", "--max-escape", "--method"]]
          + [["--max-overkill"], ["--no-cache"], ["--use-masks"]]),
      Way(
        "train", [shop.tasks],
        uses: [base + ["--class-weights", "--optimizer", "--folds", "--max-escape", "--method", "--tasks"]]
          + [["--max-overkill"], ["--no-cache"]], turns: ["--multi-label", "--shared-width"]),
      Way(
        "train", [shop.tasks, "--shared-width", "4"],
        uses: [base + solver + ["--validation-fraction", "--max-escape", "--tasks", "--task-weights"]]
          + [["--max-overkill"], ["--no-cache"]], turns: ["--multi-label", "--method"]),
      Way(
        "train", [shop.values],
        uses: [
          features + ["--output", "--json", "--test-fraction", "--optimizer", "--folds", "--method"], ["--no-cache"],
        ], turns: ["--multi-label", "--tasks", "--shared-width"]),
      Way(
        "train", [shop.classes, "--method", "fewshot"],
        uses: [base + ["--labels", "--shots", "--max-escape"], ["--max-overkill"], ["--no-cache"]]),
      Way(
        "train", [shop.classes, "--method", "finetune"] + quick,
        uses: [
          base + tuning + ["--labels", "--class-weights", "--learning-rate", "--weight-decay", "--augment"]
            + ["--max-escape"], ["--max-overkill"], ["--no-cache"],
        ], turns: ["--optimizer", "--tasks"]),
      Way(
        "train", [shop.classes, "--method", "finetune", "--freeze-to", "none", "--optimizer", "sgd"] + quick,
        uses: [
          base + tuning.filter { !["--freeze-to", "--views"].contains($0) } + ["--momentum", "--learning-rate"]
            + ["--labels", "--class-weights", "--weight-decay", "--augment", "--max-escape"], ["--max-overkill"],
          ["--no-cache"],
        ], turns: ["--tasks"]),
      Way(
        "train", [shop.tasks, "--method", "finetune"] + quick,
        uses: [
          base + tuning + ["--learning-rate", "--weight-decay", "--augment", "--task-weights", "--tasks"]
            + ["--max-escape"], ["--max-overkill"], ["--no-cache"],
        ], turns: ["--optimizer"]),
      Way(
        "train", [shop.classes, "--method", "anomaly"],
        uses: [
          read + cache + trained + ["--input-size", "--framing", "--detector", "--coreset", "--smoothing", "--trim"]
            + ["--shots", "--max-overkill", "--score-share", "--roi", "--ignore"], ["--max-escape"], ["--no-cache"],
          ["--augment"],
        ], turns: ["--tile"]),
      Way(
        "train", [shop.classes, "--method", "anomaly", "--tile", "64"],
        uses: [
          read + cache + trained + ["--detector", "--coreset", "--smoothing", "--trim", "--tile-overlap"]
            + ["--shots", "--max-overkill", "--score-share", "--roi", "--ignore"], ["--max-escape"], ["--no-cache"],
        ], turns: ["--augment"]),
      Way(
        "train", [shop.classes, "--method", "anomaly", "--detector", "padim"],
        uses: [
          read + cache + trained + ["--input-size", "--framing", "--smoothing", "--trim", "--shots", "--max-overkill"]
            + ["--score-share", "--roi", "--ignore"], ["--max-escape"], ["--no-cache"],
        ], turns: ["--tile", "--augment"]),
    ]
  }()

  static let evaluate: [Way] = {
    let shop = Workshop.shared
    let test = ["--max-pixels", "--strict", "--encoding", "--report", "--json", "--allow-trained", "--engine"]
    let turns = ["--folds", "--method", "--source", "--target"]
    func bundle(_ kind: Workshop.Kind, _ data: String, _ uses: [String]) -> Way {
      Way("evaluate", [kind.path, data], uses: [uses + test], turns: turns)
    }
    return [
      Way("evaluate", [Workshop.Kind.classifier.path, shop.classes, "--labels", "native"], uses: [test], turns: turns),
      Way(
        "evaluate", [Workshop.Kind.classifier.path, shop.classes], uses: [test + ["--good"]],
        turns: turns + ["--labels"]),
      bundle(.labels, shop.classes, ["--good"]), bundle(.tasks, shop.tasks, []), bundle(.values, shop.values, []),
      bundle(.anomaly, shop.classes, ["--good"]), bundle(.fewshot, shop.classes, ["--good"]).turning("--labels"),
      Way(
        "evaluate", ["--folds", "3", shop.classes],
        uses: [
          features + ["--json", "--labels", "--good", "--class-weights", "--max-escape"], ["--max-overkill"],
          ["--no-cache"],
        ], turns: ["--multi-label", "--tasks", "--method", "--source", "--target"]),
      Way(
        "evaluate", ["--folds", "3", "--multi-label", shop.classes],
        uses: [
          features + ["--json", "--good", "--class-weights", "--max-escape"], ["--max-overkill"], ["--no-cache"],
        ],
        turns: ["--method", "--source", "--target"]),
      Way(
        "evaluate", ["--folds", "3", shop.tasks],
        uses: [
          features + ["--json", "--good", "--class-weights", "--max-escape", "--tasks"], ["--max-overkill"],
          ["--no-cache"],
        ], turns: ["--multi-label", "--shared-width", "--method", "--source", "--target"]),
      Way(
        "evaluate", ["--folds", "3", "--shared-width", "4", shop.tasks],
        uses: [
          features + ["--json", "--good", "--max-escape", "--tasks", "--task-weights"], ["--max-overkill"],
          ["--no-cache"],
        ], turns: ["--multi-label", "--method", "--source", "--target"]),
      Way(
        "evaluate", ["--method", "fewshot", shop.classes],
        uses: [features + ["--json", "--labels", "--shots", "--seeds"], ["--no-cache"]]),
      Way(
        "evaluate", [Workshop.Kind.classifier.path, "--source", shop.classes, "--target", shop.classes],
        uses: [test + cache + ["--seed"], ["--no-cache"]], turns: ["--method"], succeeds: false),
    ]
  }()

  static let others: [Way] = {
    let shop = Workshop.shared
    let (anomaly, classifier) = (Workshop.Kind.anomaly.path, Workshop.Kind.classifier.path)
    let mqtt = ["--mqtt-password-file", "--mqtt-ca", "--mqtt-certificate", "--mqtt-key", "--mqtt-buffer"]
    let kept = ["--record-folder", "--keep-images", "--keep-days", "--keep-size"]
    let served = [
      "--host", "--port", "--token-file", "--certificate", "--key", "--queue", "--longest-wait", "--max-body",
      "--max-pixels", "--exchange-time", "--idle-time", "--connections", "--memory", "--event-readers",
      "--time-zone", "--log-level", "--engine",
    ]
    let plant = ["--mqtt", "--modbus", "--camera"]
    let rules = ["--max-overkill", "--max-escape", "--best-f1", "--value", "--uncertain", "--undo"]
    let parts = ["--good", "--max-pixels", "--strict", "--encoding", "--engine"]
    let change = ["--by", "--reason"]
    // Nothing of that name: the work fails at once.
    let missing = shop.folder + "/missing"
    return [
      Way("doctor", [], uses: [["--json"]], succeeds: false),
      Way("info", [classifier], uses: [["--json"]]),
      Way("backbones list", [], uses: [["--json"]]),
      Way(
        "backbones import", [shop.folder + "/tiny.onnx", "--name", "other"],
        uses: [["--input-size", "--mean", "--deviation", "--range", "--bgr", "--licence", "--json"]],
        turns: ["--padding"], succeeds: false),
      Way("backbones verify", [], uses: [], succeeds: false),
      Way(
        "data", [shop.classes],
        uses: [
          ["--labels", "--good", "--seed", "--strict", "--encoding", "--json", "--max-pixels", "--white-level"]
        ], turns: ["--convert", "--output", "--show"]),
      Way(
        "data", [shop.classes, "--show", shop.folder + "/shown"],
        uses: [["--labels", "--good", "--strict", "--encoding", "--json", "--max-pixels"]],
        turns: ["--convert", "--output"]),
      Way(
        "data", [shop.classes, "--convert", "csv", "-o", shop.folder + "/classes"],
        uses: [["--labels", "--good", "--seed", "--strict", "--encoding", "--json"]], turns: ["--show"],
        succeeds: false),
      Way(
        "compare", [shop.classes, "--backbones", "none"],
        uses: [
          [
            "--methods", "--folds", "--labels", "--good", "--seed", "--strict", "--encoding", "--json", "--max-pixels",
            "--output", "--max-overkill", "--margin",
          ]
            + ["--white-level", "--engine"] + cache, ["--no-cache"], ["--shots"],
        ], succeeds: false),
      Way(
        "compare", [shop.classes, "--methods", "anomaly", "--backbones", "none"],
        uses: [
          [
            "--good", "--seed", "--strict", "--encoding", "--json", "--max-pixels", "--output", "--white-level",
            "--labels", "--folds", "--max-overkill", "--margin", "--engine",
          ] + cache,
          ["--no-cache"],
        ],
        succeeds: false),
      Way(
        "inspect", [classifier, shop.classes], uses: [["--maps", "--max-pixels", "--json", "--engine"]],
        turns: ["--fail-on-defect"]
      ),
      Way(
        "inspect", [missing, shop.classes], uses: [["--fail-on-defect"]],
        turns: ["--maps", "--max-pixels", "--json", "--engine"],
        succeeds: false),
      Way(
        "threshold", [missing, "--max-overkill", "0.4"], uses: [["--json"] + change + ["--class"]],
        turns: rules + ["--check"], succeeds: false),
      Way(
        "threshold", [anomaly, missing, "--max-escape", "0.4"], uses: [["--json"] + parts + change + ["--class"]],
        turns: rules + ["--check"], succeeds: false),
      Way(
        "threshold", [missing, missing, "--best-f1"], uses: [["--json"] + parts + change + ["--class"]],
        turns: rules + ["--check"], succeeds: false),
      Way(
        "threshold", [missing, missing, "--max-overkill", "0.4", "--check", "2"], uses: [["--json"] + parts],
        turns: rules, succeeds: false),
      Way(
        "threshold", [missing, "--value", "0.5"], uses: [["--json"] + change + ["--class"]],
        turns: rules + ["--check"], succeeds: false),
      Way(
        "threshold", [missing, "--uncertain", "0.1"], uses: [["--json"] + change], turns: rules + ["--check"],
        succeeds: false),
      Way(
        "threshold", [missing, "--undo"], uses: [["--json"] + change], turns: rules + ["--check"], succeeds: false),
      Way("add", [anomaly, missing], uses: [["--json"]], succeeds: false),
      Way("add", [Workshop.Kind.fewshot.path, missing, "--class", "good"], uses: [["--json"]], succeeds: false),
      Way("forget", [anomaly, missing], uses: [["--json"]], succeeds: false),
      Way(
        "adapt", [missing, shop.classes, "-o", shop.folder + "/adapted.assay"],
        uses: [
          ["--method", "--good", "--labelled", "--source", "--force", "--seed", "--max-pixels", "--strict", "--json"]
            + ["--encoding", "--engine"]
        ],
        succeeds: false),
      Way("export", [missing, "-o", shop.folder + "/out.onnx"], uses: [], succeeds: false),
      Way("bench", ["tiny"], uses: [["--seconds", "--pause", "--json", "--engine"]], turns: ["--training"]),
      Way(
        "bench", [missing], uses: [["--images", "--seconds", "--pause", "--json", "--engine"]], turns: ["--training"],
        succeeds: false),
      Way("bench", [missing + ".npy"], uses: [["--coreset", "--json"]], turns: ["--training"], succeeds: false),
      Way(
        "bench", [missing, "--training"], uses: [["--batch-size", "--input-size", "--freeze-to", "--steps", "--json"]],
        succeeds: false),
      Way(
        "serve", [missing],
        uses: [served + kept + ["--record", "--training-data"]], turns: plant + ["--modbus-source"], succeeds: false),
      Way(
        "serve", [missing, "--record", "off"], uses: [served], turns: plant + ["--modbus-source"], succeeds: false),
      Way(
        "serve", [missing, "--mqtt", "mqtt://localhost:1", "--modbus", "localhost:1502", "--modbus-source", "camera"],
        uses: [
          mqtt + ["--modbus-open", "--camera", "--camera-set", "--camera-timeout", "--camera-interval"]
            + ["--trigger-model", "--trigger-patience"]
        ], turns: served + kept + ["--record", "--training-data"], succeeds: false),
      Way(
        "serve", [missing, "--modbus", "localhost:1502", "--modbus-source", shop.classes],
        uses: [["--modbus-open", "--trigger-model", "--trigger-patience"]],
        turns: served + kept + ["--record", "--training-data", "--mqtt", "--camera", "--camera-interval"],
        succeeds: false),
      Way(
        "watch", [missing, shop.folder],
        uses: [["--output", "--action", "--interval", "--patience", "--once", "--max-pixels", "--json", "--engine"]],
        turns: ["--mqtt", "--record-folder"], succeeds: false),
      Way(
        "watch", [missing, shop.folder, "--record-folder", shop.folder + "/record", "--mqtt", "mqtt://localhost:1"],
        uses: [["--keep-images", "--keep-days", "--keep-size"] + mqtt],
        turns: ["--output", "--action", "--interval", "--patience", "--once", "--max-pixels", "--json", "--engine"],
        succeeds: false),
      Way(
        "retrain", [missing, shop.classes, "--from-record", missing],
        uses: [["--name", "--compare-only", "--strict", "--encoding", "--json"]],
        turns: ["--rollback", "--state"], succeeds: false),
      Way(
        "retrain", [missing, "--state", "--from-record", missing], uses: [["--name", "--json"]], turns: ["--rollback"],
        succeeds: false),
      Way("retrain", [missing, "--rollback"], uses: [], succeeds: false),
      Way("camera list", [], uses: [["--fake", "--json"]], succeeds: false),
      Way(
        "camera grab", ["--camera", "none", "-o", shop.folder + "/picture.png"],
        uses: [["--camera-set", "--camera-timeout"]], turns: ["--count"], succeeds: false),
      Way(
        "camera grab", ["--camera", "none", "-o", shop.folder + "/picture.png", "--count", "2"],
        uses: [["--interval"]], turns: ["--camera-set", "--camera-timeout"], succeeds: false),
    ]
  }()

  // MARK: Tests

  /// Each command's options are those that its ways know.
  @Test(arguments: CommandHelp.working) func everyOptionIsUsedBySomeWay(_ command: String) throws {
    let ways = (Self.train + Self.evaluate + Self.others).filter { $0.command == command }
    #expect(!ways.isEmpty, "\(command) has no way in this test")
    let used = Set(ways.flatMap { $0.uses.flatMap { $0 } + $0.given })
    let has = Set(try #require(CommandHelp.all[command]).options)
    #expect(used.isSubset(of: has), "\(used.subtracting(has)) are no options of \(command)")
    let idle = has.subtracting(used).subtracting(command == "backbones import" ? ["--padding"] : [])
    #expect(idle.isEmpty, "\(idle.sorted()) are used by no way of \(command)")
  }

  @Test(arguments: train + evaluate + others) func whatAWayDoesNotUseItRefuses(_ way: Way) throws {
    _ = Workshop.outcomes
    let known = Set(way.given + way.uses.flatMap { $0 } + way.turns)
    let idle = try #require(CommandHelp.all[way.command]).options.filter { !known.contains($0) }
    // Two options of which a command takes one are given one after the other.
    let second = idle.filter { ["--max-overkill"].contains($0) }
    for options in [idle.filter { !second.contains($0) }, second] where !options.isEmpty {
      var words = way.command.split(separator: " ").map(String.init) + way.words
      words += try Self.typed(options, way.command)
      if way.command == "train" {
        words += ["-o", Workshop.shared.folder + "/never"] + (options.contains("--backbone") ? [] : Workshop.small)
      }
      let outcome = try AssayProgram.run(words)
      #expect(outcome.status == 64, "\(options): \(outcome)")
      for option in options { #expect(outcome.messages.contains(option), "\(option) is not named: \(outcome)") }
      #expect(outcome.messages.contains("has no effect with `assay \(way.command.split(separator: " ")[0])"))
    }
  }

  @Test(arguments: train + evaluate + others) func whatAWayUsesItTakes(_ way: Way) throws {
    _ = Workshop.outcomes
    for options in way.uses {
      var words =
        way.command.split(separator: " ").map(String.init) + way.words + (try Self.typed(options, way.command))
      if way.command == "train" {
        if !options.contains("--output") { words += ["-o", Workshop.shared.folder + "/unused-\(UUID().uuidString)"] }
        if !options.contains("--backbone") { words += Workshop.small }
        // Each run has its own place, since they run at once.
        if let place = words.firstIndex(of: "--output") {
          words[place + 1] = Workshop.shared.folder + "/unused-\(UUID().uuidString)"
        }
      }
      let outcome = try AssayProgram.run(words)
      #expect(!outcome.messages.contains("has no effect with"), "\(options): \(outcome)")
      // Alternatives are only looked at.
      if way.succeeds, options == way.uses.first { #expect(outcome.status == 0, "\(options): \(outcome)") }
    }
  }

  @Test func aTypedDefaultIsAnOptionToo() throws {
    let shop = Workshop.shared
    _ = Workshop.outcomes
    for (option, value) in [
      ("--detector", "patchcore"), ("--smoothing", "4"), ("--folds", "5"), ("--labels", "native"),
    ] {
      let way = option == "--labels" || option == "--folds" ? ["--method", "anomaly"] : []
      let outcome = try AssayProgram.run(
        ["train", shop.classes, "-o", shop.folder + "/never", option, value] + way + Workshop.small)
      #expect(outcome.status == 64 && outcome.messages.contains("\(option) has no effect"), "\(outcome)")
    }
    // With an equals sign, too, and behind the data.
    let outcome = try AssayProgram.run(["train", shop.classes, "-o", shop.folder + "/never", "--smoothing=4"])
    #expect(outcome.status == 64 && outcome.messages.contains("--smoothing has no effect"), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: shop.folder + "/never"))
  }

  /// The first of two values would be lost.
  @Test func anOptionGivenTwiceIsRefused() throws {
    let shop = Workshop.shared
    let outcome = try AssayProgram.run(["data", shop.classes, "--seed", "1", "--seed", "2"])
    #expect(outcome.status == 64 && outcome.messages.contains("--seed is given twice"), "\(outcome)")
  }

  /// The message says why, and what the option is for.
  @Test func theMessageHelps() throws {
    let shop = Workshop.shared
    let outcome = try AssayProgram.run(["train", shop.classes, "-o", shop.folder + "/never", "--views", "3"])
    #expect(
      outcome.messages.contains("--views has no effect with `assay train --method linear`")
        && outcome.messages.contains("--views is for: Fine-tuning"), "\(outcome)")
    let fewshot = try AssayProgram.run(
      ["train", shop.classes, "-o", shop.folder + "/never", "--method", "fewshot", "--folds", "4"])
    #expect(fewshot.messages.contains("it chooses its classifier by leave-one-out"), "\(fewshot)")
  }
}

extension Workshop {
  /// The middle of the photograph, and a corner of it.
  var roi: String { polygon("roi", "[[4, 4], [60, 4], [60, 44], [4, 44]]", "include") }
  var ignore: String { polygon("ignore", "[[0, 0], [10, 0], [10, 10]]", "ignore") }

  private func polygon(_ name: String, _ corners: String, _ key: String) -> String {
    let path = "\(name)-\(UUID().uuidString).json"
    write(path, Array(#"{"width": 64, "height": 48, "\#(key)": [\#(corners)]}"#.utf8))
    return folder + "/" + path
  }
}
