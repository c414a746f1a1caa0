import Foundation
import HTTPTypes

/// `multipart/form-data` (RFC 7578), as browsers, curl and scripts send it.
package struct Multipart {
  package struct Part {
    let name: String
    package let fileName: String?
    package let body: ArraySlice<UInt8>
  }

  /// What one form may have; an image and a serial number need far less.
  static let mostParts = 32
  static let mostHeaderBytes = 8 << 10
  static let mostNameBytes = 200

  package let parts: [Part]

  /// - Parameter contentType: of the request, with the boundary.
  /// - Throws: ``HTTPFailure`` 400 that says which part is wrong, and how.
  package init(_ bytes: [UInt8], contentType: String) throws(HTTPFailure) {
    let boundary = try FieldParameters(contentType, of: "Content-Type")["boundary"] ?? ""
    guard (1...70).contains(boundary.utf8.count), !boundary.utf8.contains(13), !boundary.utf8.contains(10) else {
      throw HTTPFailure(.badRequest, "multipart needs a boundary of 1 to 70 characters in Content-Type")
    }
    let dashes = Array("--\(boundary)".utf8)
    guard var position = Self.delimiter(dashes, in: bytes, from: 0)?.end else {
      throw HTTPFailure(.badRequest, "the boundary \(boundary) does not occur in the body")
    }
    var parts: [Part] = []
    while !bytes[position...].starts(with: [45, 45]) {
      let number = parts.count + 1
      guard number <= Self.mostParts else {
        throw HTTPFailure(.badRequest, "the form has more than \(Self.mostParts) parts")
      }
      guard let lineEnd = Self.find([13, 10], in: bytes[position...]),
        let next = Self.delimiter(dashes, in: bytes, from: lineEnd)
      else {
        throw HTTPFailure(.badRequest, "part \(number) of the form does not end with the boundary \(boundary)")
      }
      parts.append(try Self.part(bytes[lineEnd..<next.start], number))
      position = next.end
    }
    self.parts = parts
  }

  /// - Throws: ``HTTPFailure`` 400 when there are two of this name.
  func part(_ name: String) throws(HTTPFailure) -> Part? {
    let found = parts.filter { $0.name == name }
    guard found.count <= 1 else { throw HTTPFailure(.badRequest, "the form has \(found.count) parts called \(name)") }
    return found.first
  }

  /// From the line break before the part's header to the one before the next boundary.
  private static func part(_ bytes: ArraySlice<UInt8>, _ number: Int) throws(HTTPFailure) -> Part {
    guard let headerEnd = find([13, 10, 13, 10], in: bytes) else {
      throw HTTPFailure(.badRequest, "part \(number) of the form has no empty line after its header")
    }
    guard headerEnd - bytes.startIndex <= mostHeaderBytes else {
      throw HTTPFailure(.badRequest, "the header of part \(number) has more than \(mostHeaderBytes) bytes")
    }
    guard let header = String(validating: bytes[bytes.startIndex..<headerEnd], as: UTF8.self) else {
      throw HTTPFailure(.badRequest, "the header of part \(number) is not UTF-8")
    }
    var fields: [String: String] = [:]
    // A line that begins with a blank goes on with the one before it.
    for line in header.replacing("\r\n ", with: " ").replacing("\r\n\t", with: " ").split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":") else {
        throw HTTPFailure(.badRequest, "the header of part \(number) has a line without a colon")
      }
      fields[line[..<colon].lowercased()] = String(line[line.index(after: colon)...])
    }
    let disposition = try FieldParameters(fields["content-disposition"] ?? "", of: "Content-Disposition")
    guard disposition.value == "form-data", let name = disposition["name"], !name.isEmpty else {
      throw HTTPFailure(.badRequest, "part \(number) has no Content-Disposition: form-data; name=\"...\"")
    }
    guard name.utf8.count <= mostNameBytes else {
      throw HTTPFailure(.badRequest, "the name of part \(number) has more than \(mostNameBytes) bytes")
    }
    let encoding = fields["content-transfer-encoding"]?.trimmingCharacters(in: .whitespaces).lowercased() ?? "binary"
    guard ["binary", "8bit", "7bit"].contains(encoding) else {
      throw HTTPFailure(
        .unsupportedMediaType, "part \(name) has Content-Transfer-Encoding: \(encoding.prefix(40)); send it as it is")
    }
    return Part(name: name, fileName: try disposition.fileName(), body: bytes[(headerEnd + 4)...])
  }

  /// The next delimiter: at the beginning of a line, and followed by dashes, blanks or the line's end; a boundary that
  /// goes on is another one.
  /// - Returns: where the line break before it begins, and where it ends.
  private static func delimiter(
    _ dashes: [UInt8], in bytes: [UInt8], from start: Int
  ) -> (start: Int, end: Int)? {
    func isWhole(_ end: Int) -> Bool {
      let rest = bytes[end...].drop { $0 == 32 || $0 == 9 }
      return bytes[end...].starts(with: [45, 45]) || rest.starts(with: [13, 10])
    }
    if start == 0, bytes.starts(with: dashes), isWhole(dashes.count) { return (0, dashes.count) }
    let pattern = [13, 10] + dashes
    var position = start
    while let found = find(pattern, in: bytes[position...]) {
      if isWhole(found + pattern.count) { return (found, found + pattern.count) }
      position = found + 2
    }
    return nil
  }

  private static func find(_ pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = pattern.first else { return nil }
    return bytes.withUnsafeBufferPointer { buffer in
      let count = buffer.count
      guard count >= pattern.count else { return nil }
      var index = 0
      while index <= count - pattern.count {
        guard let found = buffer[index...(count - pattern.count)].firstIndex(of: first) else { return nil }
        if (1..<pattern.count).allSatisfy({ buffer[found + $0] == pattern[$0] }) { return bytes.startIndex + found }
        index = found + 1
      }
      return nil
    }
  }
}
