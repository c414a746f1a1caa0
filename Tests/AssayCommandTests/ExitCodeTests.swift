import Foundation
import Testing

@Suite struct ExitCodeTests {
  private let shop = Workshop.shared

  /// A folder of the test's own.
  private func folder(_ files: [String: [UInt8]]) -> String {
    let name = "own-\(UUID().uuidString)"
    for (file, bytes) in files { shop.write("\(name)/\(file)", bytes) }
    return "\(shop.folder)/\(name)"
  }

  @Test(arguments: Workshop.Kind.allCases) func trainingOfEveryKind(_ kind: Workshop.Kind) throws {
    let outcome = try #require(Workshop.outcomes[kind.rawValue])
    #expect(outcome.status == 0, "\(outcome)")
    let manifest = try outcome.json()
    #expect(manifest["schema"] as? Int != nil && manifest["task"] as? String != nil, "\(outcome)")
  }

  @Test func usage() throws {
    for words in [
      ["train", shop.classes], ["train", shop.classes, "-o", "x", "--method", "magic"], ["inspect"],
      ["train", shop.classes, "-o", shop.folder + "/x", "--method", "finetune", "--optimizer", "lbfgs"],
      ["train", shop.classes, "-o", shop.folder + "/x", "--method", "fewshot", "--shots", "17"],
      ["evaluate", shop.classes], ["evaluate", Workshop.Kind.classifier.bundle, "--source", shop.classes],
      ["inspect", Workshop.Kind.classifier.bundle, shop.classes, "--strict"],
      ["backbones", "import", shop.folder + "/tiny.onnx", "--mean", "0.5,half,0.5,0.5"],
    ] {
      let outcome = try AssayProgram.run(words)
      #expect(outcome.status == 64, "\(words): \(outcome)")
      #expect(!outcome.messages.isEmpty)
    }
  }

  @Test func badData() throws {
    let damaged = folder(["a.pgm": Array("P5 64 64 255\n".utf8)])
    let outcome = try AssayProgram.run(["inspect", Workshop.Kind.classifier.bundle, damaged + "/a.pgm", "--json"])
    #expect(outcome.status == 65 && outcome.output.contains("\"error\""), "\(outcome)")
    #expect(try AssayProgram.run(["info", shop.classes]).status == 65, "a folder that is no bundle")
  }

  @Test func noInput() throws {
    let missing = shop.folder + "/missing"
    for words in [
      ["info", missing], ["inspect", missing, shop.classes], ["data", missing],
      ["inspect", Workshop.Kind.classifier.bundle, missing],
      ["train", missing, "-o", shop.folder + "/x"], ["evaluate", missing, shop.classes],
    ] {
      let outcome = try AssayProgram.run(words)
      #expect(outcome.status == 66 && outcome.messages.contains(missing), "\(words): \(outcome)")
    }
  }

  /// The cache of these tests has no published weights.
  @Test func noWeights() throws {
    let outcome = try AssayProgram.run(
      ["train", shop.classes, "-o", shop.folder + "/x", "--backbone", "efficientnet-lite0"])
    #expect(outcome.status == 69 && outcome.messages.contains("make setup"), "\(outcome)")
  }

  /// A result that cannot be written is an error with every command and method, not a success without a word.
  @Test(arguments: [
    ["doctor"], ["doctor", "--json"], ["backbones"], ["backbones", "list", "--json"], ["data", "CLASSES"],
    ["data", "CLASSES", "--json"], ["info", "CLASSIFIER"], ["info", "CLASSIFIER", "--json"],
    ["inspect", "CLASSIFIER", "CLASSES"], ["inspect", "CLASSIFIER", "CLASSES", "--json"],
    ["inspect", "ANOMALY", "CLASSES"], ["inspect", "LABELS", "CLASSES"], ["inspect", "VALUES", "CLASSES"],
    ["inspect", "CLASSIFIER", "DAMAGED", "--json"],
    ["evaluate", "CLASSIFIER", "CLASSES", "--allow-trained", "--json"],
    ["evaluate", "--folds", "3", "CLASSES", "--json", "--backbone", "tiny"],
    ["threshold", "ANOMALY", "--max-overkill", "0.4", "--json"],
    ["train", "CLASSES", "-o", "OUT", "--json", "--backbone", "tiny"],
    ["train", "CLASSES", "-o", "OUT", "--json", "--backbone", "tiny", "--multi-label"],
    ["train", "CLASSES", "-o", "OUT", "--json", "--backbone", "tiny", "--method", "fewshot"],
    ["train", "CLASSES", "-o", "OUT", "--json", "--backbone", "tiny", "--method", "anomaly"],
    ["train", "TASKS", "-o", "OUT", "--json", "--backbone", "tiny"],
    [
      "train", "CLASSES", "-o", "OUT", "--json", "--backbone", "tiny", "--method", "finetune", "--epochs", "1",
      "--folds", "2",
    ],
  ]) func aFullDiskIsAnError(_ words: [String]) throws {
    let damaged = folder(["a.pgm": Array("P5 64 64 255\n".utf8)])
    let names = [
      "CLASSES": shop.classes, "TASKS": shop.tasks, "CLASSIFIER": Workshop.Kind.classifier.bundle,
      "ANOMALY": try Workshop.Kind.anomaly.copy(), "LABELS": Workshop.Kind.labels.bundle,
      "VALUES": Workshop.Kind.values.bundle, "OUT": shop.folder + "/full-\(UUID().uuidString)", "DAMAGED": damaged,
    ]
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let outcome = try AssayProgram.run(words.map { names[$0] ?? $0 }, to: full)
    #expect(outcome.status == 74 && outcome.messages.contains("standard output"), "\(outcome)")
  }

  /// Nobody reads: an error with a message, and not a death by signal.
  @Test func aClosedPipeIsAnError() throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let outcome = try AssayProgram.run(["info", Workshop.Kind.classifier.bundle], to: pipe.fileHandleForWriting)
    #expect(outcome.status == 74 && outcome.messages.contains("standard output"), "\(outcome)")
  }

  // MARK: Defects

  /// What the bundle says of the pictures; the tiny network need not be right.
  private func verdicts(_ bundle: String, _ data: String) throws -> [(file: String, verdict: String)] {
    let outcome = try AssayProgram.run(["inspect", bundle, data, "--json"])
    #expect(outcome.status == 0, "\(outcome)")
    return try outcome.output.split(separator: "\n").map { line in
      let document = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return (document?["file"] as? String ?? "", document?["verdict"] as? String ?? "")
    }
  }

  @Test(arguments: [Workshop.Kind.classifier, .labels, .anomaly, .tasks, .fewshot])
  func aDefectFailsTheLine(_ kind: Workshop.Kind) throws {
    let found = try verdicts(kind.bundle, shop.classes)
    let defect = try #require(found.first { $0.verdict == "defect" }, "\(kind) finds none").file
    let good = try #require(found.first { $0.verdict == "good" }, "\(kind) passes none").file
    let damaged = folder(["a.pgm": Array("P5 64 64 255\n".utf8)]) + "/a.pgm"
    func status(_ files: [String], _ options: [String] = ["--fail-on-defect"]) throws -> Int32 {
      try AssayProgram.run(["inspect", kind.bundle] + files + options).status
    }
    #expect(try status([defect]) == 1 && status([good]) == 0 && status([defect], []) == 0)
    // A defect wins over a file that could not be read, wherever it stands.
    #expect(try status([damaged, defect]) == 1 && status([defect, damaged]) == 1)
    #expect(try status([damaged, good]) == 65 && status([damaged, defect], []) == 65)
  }

  /// A bundle that never finds a defect must not be taken for a line without defects.
  @Test(arguments: [(Workshop.Kind.findings, "--good"), (.values, "it states values")])
  func whatCannotJudgeIsRefused(_ kind: Workshop.Kind, _ word: String) throws {
    let outcome = try AssayProgram.run(["inspect", kind.bundle, shop.classes, "--fail-on-defect"])
    #expect(outcome.status == 64 && outcome.messages.contains(word), "\(outcome)")
    #expect(outcome.output.isEmpty, "nothing is inspected")
    #expect(try AssayProgram.run(["inspect", kind.bundle, shop.classes]).status == 0)
  }

  @Test func aDetectorWithoutThresholdIsRefused() throws {
    let few = folder([
      "good/1.pgm": Workshop.part(1, isScratched: false), "good/2.pgm": Workshop.part(2, isScratched: false),
    ])
    let bundle = few + ".assay"
    let training = try AssayProgram.run(["train", few, "-o", bundle, "--method", "anomaly"] + Workshop.small)
    #expect(training.status == 0, "\(training)")
    let outcome = try AssayProgram.run(["inspect", bundle, few, "--fail-on-defect"])
    #expect(outcome.status == 64 && outcome.messages.contains("assay threshold"), "\(outcome)")
  }

  @Test(arguments: [(Workshop.Kind.findings, "note: all pictures go to unsure/"), (.classifier, "")])
  func watchSaysWhenNothingIsJudged(_ kind: Workshop.Kind, _ word: String) throws {
    let arriving = folder(["1.pgm": Workshop.part(1, isScratched: false), "2.pgm": Workshop.part(3, isScratched: true)])
    let outcome = try AssayProgram.run(["watch", kind.bundle, arriving, "--once", "--interval", "0.05"])
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.messages.components(separatedBy: "note: all pictures").count == (word.isEmpty ? 1 : 2))
    #expect(outcome.messages.contains(word) || word.isEmpty, "\(outcome)")
    let unsure = try FileManager.default.contentsOfDirectory(atPath: arriving + "/unsure")
    #expect(word.isEmpty || unsure.count == 2)
  }
}
