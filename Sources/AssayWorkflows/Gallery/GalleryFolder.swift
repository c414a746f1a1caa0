import AssayData
import Foundation

/// The folder of a gallery: whole or not there, and never in the place of something else.
struct GalleryFolder: Sendable {
  /// Says that a folder was written by this program, so that it may be written again.
  static let markName = ".assay-show"
  private static let contents: Set<String> = [markName, "index.html", "pages", "pictures"]

  private let target: String
  private let isThere: Bool
  private let folder: ConversionFolder

  /// - Parameters:
  ///   - output: the folder to write; one that a gallery was written to before is replaced at the very end.
  ///   - root: the data set's folder, which stays as it is.
  /// - Throws: ``DataError`` when something else is there.
  init(_ output: String, apartFrom root: String) throws(DataError) {
    target = FileTree.absolute(output)
    guard !(target + "/").hasPrefix(root + "/") else {
      throw DataError(
        path: output, cause: "it lies inside the data set",
        remedy: "name a folder elsewhere, so that the data set stays as it is")
    }
    isThere = try Self.isOwn(target, output)
    ConversionFolder.removeAbandoned(beside: target)
    folder = try ConversionFolder(beside: target)
  }

  /// Whether a folder is there that may be replaced.
  private static func isOwn(_ target: String, _ output: String) throws(DataError) -> Bool {
    var status = stat()
    guard lstat(target, &status) == 0 else { return false }
    func refuse(_ cause: String) -> DataError {
      DataError(path: output, cause: cause, remedy: "name a folder that does not exist; nothing is overwritten")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw refuse("it exists already and is no folder") }
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: target) } catch {
      throw refuse("it exists already and cannot be read")
    }
    if names.isEmpty { return true }
    guard names.contains(markName) else { throw refuse("it exists already and was not written by `assay data --show`") }
    if let stranger = names.first(where: { !contents.contains($0) }) {
      throw refuse("it holds \(stranger), which was not written by `assay data --show`")
    }
    return true
  }

  func write(_ bytes: Data, as name: String) throws(DataError) { try folder.write(bytes, as: name) }

  func finish() throws(DataError) {
    try folder.write(Data("written by `assay data --show`, which may replace this folder\n".utf8), as: Self.markName)
    if isThere { try folder.replace(target) } else { try folder.move(to: target) }
  }

  func remove() { folder.remove() }

  var path: String { target }
}
