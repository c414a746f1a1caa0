import Foundation

/// `multipart/form-data` (RFC 7578), as browsers and curl send it.
package struct Multipart {
  package struct Part {
    let name: String
    package let fileName: String?
    package let body: ArraySlice<UInt8>
  }

  package let parts: [Part]

  /// - Parameter contentType: of the request, with the boundary.
  /// - Throws: ``HTTPFailure`` 400.
  package init(_ bytes: [UInt8], contentType: String) throws {
    guard let boundary = Self.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count) else {
      throw HTTPFailure(.badRequest, "multipart needs a boundary of 1 to 70 characters")
    }
    let delimiter = Array("\r\n--\(boundary)".utf8)
    // The first delimiter may begin the body, without a line break before it.
    let opening = Array("--\(boundary)".utf8)
    guard bytes.starts(with: opening) || Self.find(delimiter, in: bytes[...]) != nil else {
      throw HTTPFailure(.badRequest, "the boundary does not occur in the body")
    }
    var position =
      bytes.starts(with: opening) ? opening.count : (Self.find(delimiter, in: bytes[...]) ?? 0) + delimiter.count
    var parts: [Part] = []
    while true {
      let rest = bytes[position...]
      if rest.starts(with: [45, 45]) { break }
      guard parts.count < 32, let lineEnd = Self.find([13, 10], in: rest),
        let end = Self.find(delimiter, in: bytes[lineEnd...]),
        let headerEnd = Self.find([13, 10, 13, 10], in: bytes[lineEnd..<end])
      else { throw HTTPFailure(.badRequest, "the multipart body is not whole") }
      let fields = String(decoding: bytes[lineEnd..<headerEnd], as: UTF8.self).split(whereSeparator: \.isNewline)
      let disposition = fields.first { $0.lowercased().hasPrefix("content-disposition:") }.map(String.init) ?? ""
      parts.append(
        Part(
          name: Self.parameter("name", of: disposition) ?? "", fileName: Self.parameter("filename", of: disposition),
          body: bytes[(headerEnd + 4)..<end]))
      position = end + delimiter.count
    }
    self.parts = parts
  }

  package subscript(name: String) -> Part? { parts.first { $0.name == name } }

  /// A parameter of a header field, with or without quotes.
  private static func parameter(_ name: String, of field: String) -> String? {
    for part in field.split(separator: ";").dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].trimmingCharacters(in: .whitespaces).lowercased() == name else { continue }
      return pair[1].trimmingCharacters(in: .whitespaces).trimmingCharacters(in: CharacterSet(charactersIn: "\""))
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
