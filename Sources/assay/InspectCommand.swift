import ArgumentParser
import AssayData
import AssayImage
import AssayModel
import AssayWorkflows
import Foundation
import Synchronization

struct InspectCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Inspect images: verdict, class, probability and region of each.",
    discussion: """
      One line an image, in the order given; with --json one JSON document an image. Images that cannot be read are
      reported and the rest is inspected; the exit code is then 65, unless --fail-on-defect has found a defect. A bundle that
      cannot tell good from defective is refused with --fail-on-defect (64), since it would never fail.
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Argument(help: "Images or folders.")
  var inputs: [String]

  @Option(help: "Write a picture of each image with heat, region and verdict to this folder.")
  var maps: String?

  @Flag(help: "Exit with 1 when a defect was found, even where other images could not be read.")
  var failOnDefect = false

  @OptionGroup var images: DecodingArguments

  @Flag(help: "Print one JSON document an image on standard output.")
  var json = false

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image or folder") }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    let maximumPixels = images.maximumPixels(use)
    let maps = use("--maps", maps)
    let failsOnDefect = use("--fail-on-defect", failOnDefect)
    let asJSON = use("--json", json)
    return Plan("inspect") { [bundle] in
      let files = try paths()
      let inspector = try Inspector(
        path: bundle, mode: files.count == 1 ? .latency : .throughput, maximumPixels: maximumPixels)
      if failsOnDefect, let hindrance = Judging.hindrance(inspector.manifest) {
        throw WorkflowError(
          .usage,
          "\(bundle): --fail-on-defect would never fail: \(hindrance.cause); \(hindrance.remedy), or leave "
            + "--fail-on-defect out")
      }
      let outcome = try Self.inspect(
        files, with: inspector, writer: maps.map { try MapWriter(folder: $0, inspector.manifest) }, asJSON)
      // A line that stops at a defect must stop at it, whatever else was wrong.
      if failsOnDefect, outcome.defects > 0 { throw ExitCode(1) }
      if let first = outcome.errors.first { throw ExitCode(WorkflowError(first).kind.rawValue) }
    }
  }

  private static func inspect(
    _ files: [String], with inspector: Inspector, writer: MapWriter?, _ asJSON: Bool
  ) throws -> Outcome {
    let bar = ProgressBar(isQuiet: files.count == 1 || (isatty(STDOUT_FILENO) == 1)).handler
    let shared = Mutex(Outcome())
    try inspector.inspect(files) { index, result in
      shared.withLock { outcome in
        do {
          switch result {
          case .success(let finding):
            outcome.defects += finding.inspection.verdict == .defect ? 1 : 0
            try writer?.write(finding, name: files[index])
            try show(finding.inspection, asJSON)
          case .failure(let error):
            outcome.errors.append(error)
            Console.say("assay: \(error)")
            if asJSON {
              try Console.print(
                json: ["error": error.cause, "file": error.file, "remedy": error.remedy], isPretty: false)
            }
          }
        } catch {
          outcome.failure = outcome.failure ?? WorkflowError(error)
        }
      }
      bar(WorkProgress("inspecting", index + 1, files.count))
    }
    let outcome = shared.withLock { $0 }
    if let failure = outcome.failure { throw failure }
    return outcome
  }

  private struct Outcome: Sendable {
    var defects = 0
    var errors: [ImageError] = []
    var failure: WorkflowError?
  }

  private static func show(_ inspection: Inspection, _ asJSON: Bool) throws {
    if asJSON { return try Console.print(json: inspection, isPretty: false) }
    let region =
      inspection.region.map {
        "  region x \(Int($0.x)) y \(Int($0.y)) width \(Int($0.width)) height \(Int($0.height))"
      } ?? ""
    let verdict = inspection.verdict == .classified ? "" : inspection.verdict.rawValue.uppercased() + "  "
    if let score = inspection.score, inspection.probability == nil {
      let relative = inspection.threshold.map { String(format: "%.2f times the threshold", score / $0) }
      let chance = inspection.pValue.map { String(format: "  p %.3g", $0) } ?? ""
      return try Console.print(
        "\(inspection.file): \(inspection.verdict.rawValue.uppercased())  score \(String(format: "%.4g", score))"
          + (relative.map { ", \($0)" } ?? "") + chance + region)
    }
    if let found = inspection.found, !found.isEmpty {
      let classes = found.map { "\($0.class) \(Console.percent($0.probability))" }.joined(separator: ", ")
      return try Console.print("\(inspection.file): \(verdict)\(classes)\(region)")
    }
    let tasks = (inspection.tasks ?? [:]).sorted { $0.key < $1.key }.map { "  \($0.key) \(Self.text($0.value))" }
      .joined()
    guard inspection.verdict != .measured else { return try Console.print("\(inspection.file):\(tasks)") }
    try Console.print(
      "\(inspection.file): \(verdict)\(inspection.class)  \(Console.percent(inspection.probability ?? 0))\(region)\(tasks)"
    )
  }

  private static func text(_ reading: TaskReading) -> String {
    if let name = reading.class { return "\(name) \(Console.percent(reading.probability ?? 0))" }
    let value = String(format: "%.4g", reading.value ?? 0)
    guard let high = reading.high, let stated = reading.value else { return value }
    return value + String(format: " ± %.3g", high - stated)
  }

  /// Files as named; folders searched for images at any depth.
  private func paths() throws -> [String] {
    var files: [String] = []
    for input in inputs {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: input, isDirectory: &isFolder), isFolder.boolValue {
        let found = FolderSearch.images(in: input)
        guard !found.isEmpty else {
          throw WorkflowError(.badData, "\(input): no images were found; name a folder that holds some")
        }
        files += found
      } else {
        files.append(input)
      }
    }
    return files
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

  func write(_ finding: Inspector.Finding, name path: String) throws {
    let base = (path as NSString).lastPathComponent
    let stem = (base as NSString).deletingPathExtension
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
