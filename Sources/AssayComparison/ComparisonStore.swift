package import AssayBase
import AssayData
package import Foundation

/// What decides a row: with the same key it would come out the same.
package struct ComparisonKey: Codable {
  /// Of what is written of a row: 2 has every method's scores.
  package private(set) var format = 2
  package let version: String
  /// Of the images, their order, labels, groups and splits.
  package let data: String
  package let backbone: String
  package let weights: String
  package let inputSize: Int
  package let method: ComparisonMethod
  /// nil where a method does not look at it.
  package let folds: Int?
  package let shots: Int?
  package let seed: UInt64
  /// nil where it is found.
  package let whiteLevel: Int?

  package func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return ContentHash.of([UInt8](try encoder.encode(self)))
  }
}

/// Finished rows on disk, so that an interrupted comparison goes on where it was.
///
/// The file is written beside its name and renamed: at every moment it is whole, with the last row or without it.
package struct ComparisonStore {
  private struct Contents: Codable {
    var rows: [String: ComparisonRow]
  }

  /// nil to keep nothing.
  package let path: String?
  private var contents: Contents

  /// A figure may be infinite, which JSON has no number for.
  private static let (positive, negative, none) = ("inf", "-inf", "nan")

  package static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: positive, negativeInfinity: negative, nan: none)
    return encoder
  }

  package static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: positive, negativeInfinity: negative, nan: none)
    return decoder
  }

  private static func read(_ path: String) throws(WorkflowError) -> Contents? {
    let data: [UInt8]
    do throws(PlainFile.Refusal) {
      data = try PlainFile.contents(path)
    } catch {
      guard !error.isMissing else { return nil }
      throw WorkflowError(
        .inputOutput, "\(path): finished rows cannot be kept there (\(error.cause)); move it away, or name another file"
      )
    }
    // Of an earlier version, or cut off: its rows are computed again.
    return try? decoder.decode(Contents.self, from: Data(data))
  }

  /// Rows of an earlier run are read; a file that cannot be understood counts as none.
  package init(path: String?) throws(WorkflowError) {
    self.path = path
    contents = try path.flatMap { (path) throws(WorkflowError) in try Self.read(path) } ?? Contents(rows: [:])
  }

  package subscript(key: ComparisonKey) -> ComparisonRow? {
    get throws { contents.rows[try key.text()] }
  }

  package mutating func keep(_ row: ComparisonRow, for key: ComparisonKey) throws {
    contents.rows[try key.text()] = row
    guard let path else { return }
    do {
      try FileManager.default.createDirectory(
        atPath: URL(fileURLWithPath: path).path.deletingLastPathComponent,
        withIntermediateDirectories: true)
      try Self.encoder.encode(contents).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw WorkflowError(
        .inputOutput, "\(path): finished rows cannot be kept there; check folder, space and permissions")
    }
  }

  /// Nothing is left to go on with. A file that stays does no harm: its rows are right.
  package static func remove(_ path: String?) {
    if let path { unlink(path) }
  }
}
