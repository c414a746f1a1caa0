import ArgumentParser
import AssayImage
import AssayWorkflows
import Foundation

@main
struct Assay: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assay",
    abstract: "Visual inspection by transfer learning: from a folder of photographs to an inspector.",
    usage: "assay <subcommand>",
    discussion: paragraphs(
      """
      Results are printed on standard output, everything for people (progress, warnings) on standard error.
      Exit codes: 0 done, 1 a defect was found (inspect --fail-on-defect) or something is missing (doctor),
      64 usage, 65 bad data, 66 no such input, 69 missing library or weights, 74 input/output.
      An option that has no effect with the method or bundle at hand is refused (64) and never ignored.
      """),
    version: Versions.assay,
    subcommands: accounted([
      DoctorCommand.self, BackbonesCommand.self, DataCommand.self, TrainCommand.self, EvaluateCommand.self,
      CompareCommand.self, InspectCommand.self, InfoCommand.self, ThresholdCommand.self, AddCommand.self,
      ForgetCommand.self, AdaptCommand.self, ExportCommand.self, BenchCommand.self, ServeCommand.self,
      WatchCommand.self, RetrainCommand.self, CameraCommand.self,
    ]))

  static func main() async {
    // A closed pipe is an error of the write that finds it, with a message and an exit code, instead of a death without.
    signal(SIGPIPE, SIG_IGN)
    PixelMemory.giveBackWhenFreed()
    await main(nil)
  }
}
