import AssayImage
import Foundation

/// Reads annotation files, within bounds.
enum AnnotationFile {
  /// The largest annotation file that is read, in bytes; COCO's own largest has 450 MB.
  static let limit = 1 << 29

  /// - Throws: ``DataError`` for a file that cannot be read or is larger than ``limit``.
  static func bytes(_ path: String) throws(DataError) -> [UInt8] {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw DataError(path: path, cause: "it cannot be read", remedy: "make the file readable")
    }
    guard status.st_size <= limit else {
      throw DataError(
        path: path, cause: "it has \(status.st_size) bytes, more than the limit of \(limit)",
        remedy: "divide it into several files")
    }
    do {
      return try ImageFile.contents(path: path)
    } catch {
      throw DataError(path: path, cause: error.cause, remedy: error.remedy)
    }
  }

  static func json(_ path: String) throws(DataError) -> JSONNode {
    let bytes = try bytes(path)
    do {
      return try JSONNode.parse(bytes)
    } catch {
      throw DataError(
        path: "\(path):\(error.line)", cause: "it is not JSON: \(error.cause)", remedy: "export it again")
    }
  }

  /// A text file's lines that are not empty, with their numbers from 1 on; nil when there is no such file.
  static func lines(_ path: String) -> [(number: Int, text: String)]? {
    FileTree.text(path).map { text in
      text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap { index, line in
        let text = line.trimmingCharacters(in: .whitespaces)
        return text.isEmpty ? nil : (index + 1, text)
      }
    }
  }
}
