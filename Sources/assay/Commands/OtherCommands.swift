import ArgumentParser
import AssayBundle
import AssayData
import AssayGraph
import AssayPlant
import AssayWorkflows
import Foundation

struct DoctorCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check that everything Assay needs is there; exit 1 if something is missing.",
    usage: "assay doctor [--json]")

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
          } ?? "\(library.purpose)", library.failure == nil
        )
      })
    if json { try Console.print(json: doctor) }
    for check in doctor.checks where !json || !check.isWell {
      let line =
        "\(!check.isWell ? "MISSING" : check.isHere ? "ok     " : "absent ") \(check.name): \(check.detail)"
        + (check.remedy.map { "; \($0)" } ?? "")
      if json { Console.say(ShownLine(line)) } else { try Console.print(ShownLine(line)) }
    }
    if !doctor.isWell { throw ExitCode(1) }
  }
}

struct ExportCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a bundle's graph as an ONNX file that other runtimes run unchanged.",
    usage: "assay export <bundle> --output <file>")

  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Option(name: [.short, .long], help: ArgumentHelp("The ONNX file to write.", valueName: "file"), completion: .file())
  var output: String

  func plan(_ use: OptionUse) throws -> Plan {
    let output = use("--output", output)
    return Plan("export") { [bundle] in
      do {
        let parsed = try ModelBundle(path: bundle).exportGraph(to: output)
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
