import ArgumentParser
import AssayBundle
import AssayRetraining
import AssayStation
import AssayWorkflows
import Foundation

struct RetrainCommand: PlannedCommand {
  static let configuration = CommandConfiguration(
    commandName: "retrain",
    abstract: "Train a bundle again with the parts that operators corrected, and promote it if it is better.",
    usage: """
      assay retrain <bundle> <data> --from-record <folder> [<options>]
      assay retrain <bundle> --state --from-record <folder> [<options>]
      assay retrain <bundle> --rollback
      """,
    discussion: paragraphs(
      """
      Two thirds of the corrected parts are learned from; a third is held out. A classifier of the linear method is trained
      again on them and the data set that it was trained on, and so is a fine-tuned one, by the recipe in its manifest,
      which takes as long as its first training; a few-shot classifier, and the memory of an anomaly detector (which learns
      from good parts only), are taught them without training. Old and new bundle are then compared on the same parts, of
      which neither has learned: those held out and the data set's own test images. The new bundle takes the old one's place when
      more parts change from wrong to right than from right to wrong, by more than chance explains (one-sided sign test, p of at
      most 0.05), and of bad parts passed and good parts rejected there is at most 1 in 100 more. When the two cannot be told
      apart the old one stays, and the answer says how many more parts would tell. The old one is kept as
      part.previous.assay, and --rollback changes them back. --state says what was collected and what is still needed.
      """))

  @Argument(help: "The bundle.", completion: .file())
  var bundle: String

  @Argument(help: "The data set it was trained on.", completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Folder of the record that `assay serve` keeps; needed unless --rollback is given. (default: none)",
      valueName: "folder"), completion: .directory)
  var fromRecord: String?

  @Option(help: "Name of the bundle in the record. (default: its file's name)")
  var name: String?

  @Flag(help: "Compare only: the new bundle stays part.candidate.assay.")
  var compareOnly = false

  @Flag(help: "Change back to the bundle before the last promotion.")
  var rollback = false

  @Flag(help: "Say what was collected and what a retraining still needs; nothing is trained.")
  var state = false

  @Flag(help: "Stop with exit code 65 when something of the data set cannot be used.")
  var strict = false

  @Option(help: "Encoding of the data set's texts and names. (default: that of the bundle's training)")
  var encoding: String?

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func validate() throws {
    if rollback {
      guard data == nil else { throw ValidationError("--rollback needs the bundle alone") }
    } else if state {
      guard data == nil else { throw ValidationError("--state needs the bundle and --from-record alone") }
      guard fromRecord != nil else { throw ValidationError("--from-record names the folder of the record") }
    } else {
      guard data != nil else { throw ValidationError("name the data set that the bundle was trained on") }
      guard fromRecord != nil else { throw ValidationError("--from-record names the folder of the record") }
    }
  }

  func plan(_ use: OptionUse) throws -> Plan {
    if use("--rollback", rollback) {
      use.without(
        ["--from-record", "--name", "--state", "--compare-only", "--strict", "--encoding", "--json"],
        because: "the bundles change places, and that is all")
      return Plan("retrain --rollback") { [bundle] in
        do { try BundleSuccession(bundle).rollBack() } catch { throw WorkflowError(error) }
        Console.say("\(bundle): the previous bundle is back; the other is kept as the previous one")
      }
    }
    if use("--state", state), let folder = use("--from-record", fromRecord) {
      use.without(["--compare-only", "--strict", "--encoding"], because: "--state trains nothing")
      let (name, json) = (use("--name", name), use("--json", json))
      return Plan("retrain --state") { [bundle] in
        let state = try Retrainer.state(
          bundle: bundle, name: name ?? StationOptions.bundleName(bundle), record: folder)
        if json {
          try Console.print(json: state)
        } else {
          try Console.print(ShownLine(lines: RetrainText.lines(state).joined(separator: "\n")))
        }
      }
    }
    guard let data, let fromRecord = use("--from-record", fromRecord) else {
      throw WorkflowError(.usage, "name the data set that the bundle was trained on, and the record with --from-record")
    }
    let name = use("--name", name)
    let compareOnly = use("--compare-only", compareOnly)
    let (isStrict, encoding) = (use("--strict", strict), use("--encoding", encoding))
    let json = use("--json", json)
    return Plan("retrain") { [bundle] in
      StationChild.endWithStation()
      Interruption.end(kept: "nothing half done is left") { RetrainingPlace.abandon() }
      let report = try Retrainer.run(
        bundle: bundle, name: name ?? StationOptions.bundleName(bundle), data: data, record: fromRecord,
        encoding: encoding, isStrict: isStrict, promotes: !compareOnly, progress: ProgressBar().handler)
      Interruption.end(kept: "the retraining was done")
      if json { try Console.print(json: report) }
      for warning in report.warnings { Console.say("warning: \(warning)") }
      for line in RetrainText.lines(report) { Console.say(ShownLine(line)) }
      let succession = BundleSuccession(bundle)
      Console.say(
        report.isPromoted
          ? "\(bundle): the new bundle is in place; `assay retrain \(bundle) --rollback` changes back"
          : compareOnly ? "the new bundle: \(succession.candidate)" : "the old bundle stays")
    }
  }
}
