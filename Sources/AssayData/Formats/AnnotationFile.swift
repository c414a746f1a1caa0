import AssayBase
import AssayImage
import Foundation

/// Why a file of a data set cannot be used.
struct FileFailure: Error {
  /// Relative to the root.
  let file: String
  var line: Int?
  let cause: String
  let remedy: String
  var kind = DataProblem.Kind.annotationUnreadable

  /// Where the whole data set depends on it.
  func error(in tree: FileTree) -> DataError {
    DataError(path: "\(tree.root)/\(file)\(line.map { ":\($0)" } ?? "")", cause: cause, remedy: remedy)
  }
}

/// Reads annotation files, within bounds.
extension FileTree {
  /// The largest annotation file of a kind that is read, in bytes. COCO's own largest has 450 MB; a table or a list names a
  /// million images; a description of a data set is a page of text.
  static func limit(_ file: String) -> Int {
    switch file.pathExtension.lowercased() {
    case "json", "xml": 512 << 20
    case "csv", "tsv": 256 << 20
    case "yaml", "yml": 4 << 20
    default: 64 << 20
    }
  }

  func bytes(_ file: String) throws(FileFailure) -> [UInt8] {
    let path = root + "/" + file
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw FileFailure(
        file: file, cause: isFolder ? FileWalker.isFolder : "it cannot be opened",
        remedy: isFolder ? "put the file in its place" : "give this user the right to read it")
    }
    do {
      return try ImageFile.bytes(path: path, limit: Self.limit(file))
    } catch {
      throw FileFailure(file: file, cause: error.cause, remedy: error.remedy)
    }
  }

  func text(_ file: String, declared: String? = nil) throws(FileFailure) -> String {
    let bytes = try bytes(file)
    do throws(TextReader.Failure) {
      return try reader.text(bytes, declared: declared)
    } catch {
      throw FileFailure(file: file, cause: error.cause, remedy: error.remedy, kind: .encoding)
    }
  }

  /// The text of a file that lies elsewhere.
  static func text(path: String, _ reader: TextReader) throws(DataError) -> String {
    let bytes: [UInt8]
    do {
      bytes = try ImageFile.bytes(path: path, limit: limit(path))
    } catch {
      throw DataError(path: path, cause: error.cause, remedy: error.remedy)
    }
    do throws(TextReader.Failure) {
      return try reader.text(bytes)
    } catch {
      throw DataError(path: path, cause: error.cause, remedy: error.remedy)
    }
  }

  /// Lines that are not empty, without white space around them, with their numbers from 1 on.
  func lines(_ file: String) throws(FileFailure) -> [(number: Int, text: String)] {
    try text(file).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated().compactMap {
      index, line in
      let text = line.trimmingCharacters(in: .whitespaces)
      return text.isEmpty ? nil : (index + 1, text)
    }
  }

  func json(_ file: String) throws(FileFailure) -> JSONNode {
    let text = try text(file)
    do throws(JSONNode.Failure) {
      return try JSONNode.parse(Array(text.utf8))
    } catch {
      throw FileFailure(
        file: file, line: error.line, cause: "it is not JSON: \(error.cause)", remedy: "export it again",
        kind: .unknownForm)
    }
  }

  func xml(_ file: String) throws(FileFailure) -> XMLNode {
    let bytes = try bytes(file)
    let text: String
    do throws(TextReader.Failure) {
      text = try reader.text(bytes, declared: XMLNode.declaredEncoding(bytes))
    } catch {
      throw FileFailure(file: file, cause: error.cause, remedy: error.remedy, kind: .encoding)
    }
    do throws(XMLNode.Failure) {
      return try XMLNode.parse(Array(text.utf8))
    } catch {
      throw FileFailure(
        file: file, line: error.line, cause: "it is not XML that can be used: \(error.cause)",
        remedy: "export it again", kind: .unknownForm)
    }
  }

  /// The beginning of a text, for telling what it is; nil when it cannot be read.
  func head(_ file: String, count: Int = 4096) -> String? {
    guard let handle = FileHandle(forReadingAtPath: root + "/" + file),
      let head = try? handle.read(upToCount: count)
    else { return nil }
    let bytes = Array(head)
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      return String(decoding: bytes.filter { $0 != 0 && $0 < 0x80 }, as: UTF8.self)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
