import ArgumentParser
import AssayBundle
import AssayWorkflows

struct InfoCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract:
      "Say what a bundle is: its kind, how it decides, what it was trained on, how good it was, what changed since.",
    usage: "assay info <bundle> [--json]",
    discussion: paragraphs(
      """
      Every file of the bundle is checked against the SHA-256 in its manifest; a bundle that is damaged, or of a later
      version of Assay, is named and refused (65).
      """))

  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Flag(help: "Print as JSON.")
  var json = false

  func plan(_ use: OptionUse) throws -> Plan {
    let json = use("--json", json)
    return Plan("info") { [bundle] in
      let summary: BundleSummary
      do { summary = try BundleSummary(ModelBundle(path: bundle)) } catch { throw WorkflowError(error) }
      if json { try Console.print(json: summary) } else { try Console.print(ShownLine(lines: summary.text)) }
    }
  }
}
