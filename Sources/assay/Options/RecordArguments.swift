public import ArgumentParser
import AssayRecord
import AssayStation
import Foundation

extension StationOptions.ImagePolicy: ExpressibleByArgument {}

/// What of a record is kept, and for how long.
struct RecordArguments: ParsableArguments {
  @Option(help: "Images kept whole in the record: none, uncertain, defects (and uncertain) or all.")
  var keepImages = StationOptions(bundles: []).images

  @Option(help: "Days for which inspections are kept; 0 for ever. Corrected ones stay.")
  var keepDays = 90.0

  @Option(
    help: "Size of the record in MiB above which the oldest images, then the oldest inspections go; 0 for no limit.")
  var keepSize = 8192

  func validate() throws {
    guard keepDays >= 0, keepSize >= 0 else { throw ValidationError("--keep-days and --keep-size must be at least 0") }
  }

  func policy(_ use: OptionUse) -> (images: StationOptions.ImagePolicy, retention: RetentionPolicy) {
    let days = use("--keep-days", keepDays)
    let size = use("--keep-size", keepSize)
    return (
      use("--keep-images", keepImages),
      RetentionPolicy(days: days > 0 ? days : nil, bytes: size > 0 ? size << 20 : nil)
    )
  }

  /// Their names, for where nothing is recorded.
  static let names = ["--keep-images", "--keep-days", "--keep-size"]

  /// Where a station records when no folder is named.
  static var defaultFolder: String {
    let environment = ProcessInfo.processInfo.environment
    let base = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory() + "/.local/share"
    return base + "/assay/record"
  }
}
