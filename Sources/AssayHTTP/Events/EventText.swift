import AssayStation
import Foundation
import NIOCore

/// Events as they are sent (WHATWG HTML, section 9.2, server-sent events): UTF-8, a blank line behind each.
enum EventText {
  /// Milliseconds after which a browser comes back.
  private static let patience = 1000

  /// The first of a connection.
  static func opening(_ hello: Data) -> ByteBuffer {
    var buffer = ByteBuffer(string: "retry: \(patience)\n")
    buffer.writeImmutableBuffer(event("hello", hello))
    return buffer
  }

  static func part(_ part: PartEvent) -> ByteBuffer { event("part", part.document.json, id: part.mark.description) }

  static func bundles(_ list: Data) -> ByteBuffer { event("bundles", list) }

  /// A comment, which no reader sees; that it came, it does.
  static let alive = ByteBuffer(string: ": alive\n\n")

  /// - Parameter data: one line.
  private static func event(_ name: String, _ data: Data, id: String? = nil) -> ByteBuffer {
    var buffer = ByteBuffer()
    if let id { buffer.writeString("id: \(id)\n") }
    buffer.writeString("event: \(name)\ndata: ")
    buffer.writeBytes(data)
    buffer.writeString("\n\n")
    return buffer
  }
}
