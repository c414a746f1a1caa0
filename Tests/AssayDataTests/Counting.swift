import AssayData
import AssayTestSupport
import Foundation

/// What a data set says, in a form that a test can state.
extension Dataset {
  /// Images of each class; those without one under "-".
  var tally: [String: Int] { samples.reduce(into: [:]) { $0[$1.label ?? "-", default: 0] += 1 } }

  /// Images of each class in each split: "train good".
  var divided: [String: Int] {
    samples.reduce(into: [:]) { $0["\($1.split?.rawValue ?? "-") \($1.label ?? "-")", default: 0] += 1 }
  }

  /// Images that belong to no class, sorted.
  var lost: [String] { Set(problems.compactMap(\.image)).sorted() }

  func leftOut(_ kind: DataProblem.Kind) -> LeftOut? { leftOut.first { $0.kind == kind } }

  func note(_ kind: DataNote.Kind) -> DataNote? { notes.first { $0.kind == kind } }
}

/// - Returns: the error with which a data set is refused, nil when it is read.
func refusal(_ path: String, _ options: DatasetOptions = .init()) -> DataError? {
  do throws(DataError) {
    _ = try DatasetReader.read(path, options: options)
    return nil
  } catch { return error }
}

extension TemporaryFolder {
  /// Pictures of 24 x 24 pixels, each its own.
  func pictures(_ names: [String]) {
    for (index, name) in names.enumerated() { picture(name, seed: 1 + index + name.utf8.reduce(0) { $0 + Int($1) }) }
  }

  /// Text in an encoding that the system's iconv knows.
  func write(_ name: String, _ text: String, as encoding: String.Encoding) {
    write(name, Array(text.data(using: encoding)!))
  }
}
