import ArgumentParser
import AssayBase
import AssayBundle
import AssayData
import AssayImage
import AssayInspection
import AssayWorkflows
import Foundation
import Synchronization

struct InspectCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Inspect images: verdict, class, probability and region of each.",
    usage: "assay inspect <bundle> <inputs> ... [<options>]",
    discussion: paragraphs(
      """
      One line an image, in the order given; with --json one JSON document an image. Several images, and folders, end with a line
      on standard error that counts the verdicts. Images that cannot be read are
      reported and the rest is inspected; the exit code is then 65, unless --fail-on-defect has found a defect. So are files in
      a folder that are images of a format that is not read, or whose name is not UTF-8. A bundle that cannot tell good from
      defective is refused with --fail-on-defect (64), since it would never fail.
      """))

  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Argument(help: "Images or folders.", completion: .file())
  var inputs: [String]

  @Option(
    help: "Write a picture of each image with heat, region and verdict to this folder. (default: none)",
    completion: .directory)
  var maps: String?

  @Flag(help: "Exit with 1 when a defect was found, even where other images could not be read.")
  var failOnDefect = false

  @OptionGroup var images: DecodingArguments
  @OptionGroup var engine: EngineArguments

  @Flag(help: "Print one JSON document an image on standard output.")
  var json = false

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image or folder") }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let maximumPixels = images.maximumPixels(use)
    let engines = engine.engines(use)
    let maps = use("--maps", maps)
    let failsOnDefect = use("--fail-on-defect", failOnDefect)
    let asJSON = use("--json", json)
    return Plan("inspect") { [bundle, inputs] in
      let started = ContinuousClock.now
      let (files, missed) = try paths()
      let inspector = try Inspector(
        path: bundle, mode: files.count == 1 ? .latency : .throughput, maximumPixels: maximumPixels,
        engines: engines)
      if failsOnDefect, let reason = inspector.rule.whyNotJudging {
        throw WorkflowError(
          .usage,
          "\(bundle): --fail-on-defect would never fail: \(reason), or leave --fail-on-defect out")
      }
      var outcome = try Self.inspect(
        files, with: inspector, writer: maps.map { try MapWriter(folder: $0, inspector.manifest) }, asJSON)
      outcome.tally.add(unreadable: missed)
      if files != inputs || files.count > 1 {
        Console.say(VerdictPaint(for: STDERR_FILENO).line(outcome.tally, since: started))
      }
      // A line that stops at a defect must stop at it, whatever else was wrong.
      if failsOnDefect, outcome.tally.defects > 0 { throw ExitCode(1) }
      if let first = outcome.errors.first { throw ExitCode(WorkflowError(first).kind.rawValue) }
      if missed > 0 { throw ExitCode(WorkflowError.Kind.badData.rawValue) }
    }
  }

  private static func inspect(
    _ files: [String], with inspector: Inspector, writer: MapWriter?, _ asJSON: Bool
  ) throws -> Outcome {
    let bar = ProgressBar(isQuiet: files.count == 1).handler
    let paint = VerdictPaint(for: STDOUT_FILENO)
    let shared = Shared()
    Interruption.end {
      // From now on nothing more is printed, so that the count is that of what was.
      shared.outcome.withLock { outcome in
        outcome.isStopped = true
        return "assay: stopped after \(outcome.tally.count) of \(files.count): \(outcome.tally.text)"
      }
    }
    try inspector.inspect(files) { index, result in
      shared.outcome.withLock { outcome in
        guard !outcome.isStopped else { return }
        do {
          switch result {
          case .success(let finding):
            if let note = finding.inspection.note { Console.say("warning: \(files[index]): \(note)") }
            outcome.tally.add(.init(finding.inspection))
            try writer?.write(finding, name: files[index])
            try show(finding.inspection, asJSON, paint)
          case .failure(let error):
            outcome.tally.add(error)
            outcome.errors.append(error)
            Console.say("assay: \(error)")
            if asJSON {
              try Console.print(
                json: ["error": error.cause, "file": files[index], "remedy": error.remedy], isPretty: false)
            }
          }
        } catch {
          outcome.failure = outcome.failure ?? WorkflowError(error)
        }
      }
      // The last one is followed by the closing line.
      if index + 1 < files.count { bar(WorkProgress("inspecting", index + 1, files.count)) }
    }
    Screen.finish()
    let outcome = shared.outcome.withLock { $0 }
    if let failure = outcome.failure { throw failure }
    return outcome
  }

  private final class Shared: Sendable {
    let outcome = Mutex(Outcome())
  }

  private struct Outcome: Sendable {
    var tally = InspectionTally()
    var isStopped = false
    var errors: [InspectionError] = []
    var failure: WorkflowError?
  }

  private static func show(_ inspection: Inspection, _ asJSON: Bool, _ paint: VerdictPaint) throws {
    if asJSON { return try Console.print(json: inspection, isPretty: false) }
    try Console.print("\(inspection.file): " + paint.line(inspection))
  }

  /// Files as named; folders searched for images at any depth.
  /// - Returns: the files, and how many images lie there that cannot be looked at.
  private func paths() throws -> (files: [String], missed: Int) {
    var files: [String] = []
    var missed = 0
    for input in inputs {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: input, isDirectory: &isFolder), isFolder.boolValue {
        let found = FolderSearch.find(in: input)
        // What is not looked at must not pass for good in silence.
        DataText.say(DataReading.warnings(found.leftOut, of: input))
        missed += found.leftOut.reduce(0) { $0 + $1.images }
        guard !found.images.isEmpty else {
          throw WorkflowError(.badData, "\(input): no images were found; name a folder that holds some")
        }
        files += found.images
      } else if input.unicodeScalars.contains("\u{FFFD}"), !FileManager.default.fileExists(atPath: input) {
        throw WorkflowError(.badData, "\(input): its name is not UTF-8; rename it")
      } else {
        files.append(input)
      }
    }
    return (files, missed)
  }
}

/// Writes overlays, each under the image's own name.
private final class MapWriter: Sendable {
  private let folder: String
  private let preprocessing: Preprocessing
  private let mapScale: Double
  private let used = Mutex<Set<String>>([])

  init(folder: String, _ manifest: Manifest) throws {
    self.folder = folder
    preprocessing = manifest.preprocessing
    mapScale = manifest.network.mapScale
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw WorkflowError(.inputOutput, "\(folder): the folder for maps cannot be made; check path and permissions")
    }
  }

  func write(_ finding: Finding, name path: String) throws {
    let base = path.lastPathComponent
    let stem = base.deletingPathExtension
    // Two folders may hold images of one name.
    let name = used.withLock { used in
      var candidate = stem
      var number = 2
      while !used.insert(candidate).inserted {
        candidate = "\(stem)-\(number)"
        number += 1
      }
      return candidate
    }
    let picture = try Overlay.draw(finding, preprocessing: preprocessing, mapScale: mapScale).png()
    do {
      try Data(picture).write(to: URL(fileURLWithPath: "\(folder)/\(name).png"), options: .atomic)
    } catch {
      throw WorkflowError(.inputOutput, "\(folder)/\(name).png: it cannot be written; check space and permissions")
    }
  }
}
