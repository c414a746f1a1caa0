import ArgumentParser
import AssayData
import AssayImage
import AssayInspection
import AssayModel
import AssayWorkflows
import Foundation
import Synchronization

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Inspect images: verdict, class, probability and region of each.",
    discussion: """
      One line an image, in the order given; with --json one JSON document an image. Images that cannot be read are
      reported and the rest is inspected; the exit code is then 65.
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Argument(help: "Images or folders.")
  var inputs: [String]

  @Option(help: "Write a picture of each image with heat, region and verdict to this folder.")
  var maps: String?

  @Flag(help: "Exit with 1 when a defect was found.")
  var failOnDefect = false

  @OptionGroup var images: ImageArguments

  @Flag(help: "Print one JSON document an image on standard output.")
  var json = false

  func validate() throws {
    guard !inputs.isEmpty else { throw ValidationError("name at least one image or folder") }
  }

  func run() throws {
    let outcome = Mutex(Outcome())
    try Console.run {
      let files = try paths()
      let isSingle = files.count == 1
      let inspector = try Inspector(
        path: bundle, mode: isSingle ? .latency : .throughput, maximumPixels: images.maxPixels)
      let writer = try maps.map { try MapWriter(folder: $0, inspector.manifest) }
      let bar = ProgressBar(isQuiet: isSingle || (isatty(STDOUT_FILENO) == 1)).handler
      let asJSON = json
      try inspector.inspect(files) { index, result in
        outcome.withLock { outcome in
          switch result {
          case .success(let finding):
            if let note = finding.inspection.note { Console.say("warning: \(files[index]): \(note)") }
            outcome.defects += finding.inspection.verdict == .defect ? 1 : 0
            do {
              try writer?.write(finding, name: files[index])
              try Self.show(finding.inspection, asJSON)
            } catch {
              outcome.failure = outcome.failure ?? WorkflowError(error)
            }
          case .failure(let error):
            outcome.errors.append(error)
            Console.say("assay: \(error)")
            if asJSON {
              try? Console.print(
                json: ["error": error.cause, "file": files[index], "remedy": error.remedy], isPretty: false)
            }
          }
        }
        bar(WorkProgress("inspecting", index + 1, files.count))
      }
      if let failure = outcome.withLock({ $0.failure }) { throw failure }
    }
    let (defects, errors) = outcome.withLock { ($0.defects, $0.errors) }
    if let first = errors.first { throw ExitCode(WorkflowError(first).kind.rawValue) }
    if failOnDefect, defects > 0 { throw ExitCode(1) }
  }

  private struct Outcome: Sendable {
    var defects = 0
    var errors: [InspectionError] = []
    var failure: WorkflowError?
  }

  private static func show(_ inspection: Inspection, _ asJSON: Bool) throws {
    if asJSON { return try Console.print(json: inspection, isPretty: false) }
    print("\(inspection.file): \(inspection.outcome.finding.sentence)")
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

  func write(_ finding: Finding, name path: String) throws {
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
