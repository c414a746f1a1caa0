import Foundation

/// Listens to `/v1/events` as a browser does (WHATWG HTML, section 9.2.6).
package final class EventStream: @unchecked Sendable {
  package struct Event: Sendable {
    package let name: String
    package let id: String?
    package let data: String

    package var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: Data(data.utf8))) as? [String: Any] ?? [:]
    }
  }

  package let status: Int
  package let headers: [String: String]
  /// Comments that have come.
  package private(set) var comments = 0
  private let wire: Wire
  private var pending = ""

  /// nil when the station does not answer.
  package init?(port: Int, query: String = "", headers: [String: String] = [:], timeout: Int = 60) {
    guard let wire = Wire(port: port, timeout: timeout) else { return nil }
    wire.send(Wire.request("GET", "/v1/events" + query, headers: headers))
    guard let (status, headers) = wire.head() else { return nil }
    (self.wire, self.status, self.headers) = (wire, status, headers)
  }

  /// Blocks until an event has come; nil at the end.
  package func next() -> Event? {
    while true {
      guard let end = pending.range(of: "\n\n") else {
        guard let chunk = wire.chunk(), !chunk.isEmpty else { return nil }
        pending += String(decoding: chunk, as: UTF8.self)
        continue
      }
      var (name, id, data): (String, String?, [String]) = ("message", nil, [])
      for line in pending[..<end.lowerBound].split(separator: "\n", omittingEmptySubsequences: false) {
        let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = sides.count > 1 ? String(sides[1].hasPrefix(" ") ? sides[1].dropFirst() : sides[1]) : ""
        switch sides[0] {
        case "": comments += 1
        case "event": name = value
        case "id": id = value
        case "data": data.append(value)
        default: break
        }
      }
      pending = String(pending[end.upperBound...])
      if !data.isEmpty { return Event(name: name, id: id, data: data.joined(separator: "\n")) }
    }
  }

  /// The next of a name.
  package func next(_ name: String) -> Event? {
    while let event = next() { if event.name == name { return event } }
    return nil
  }

  /// Reads until so many comments have come in all.
  package func waitForComments(_ count: Int) -> Bool {
    while comments < count {
      guard let chunk = wire.chunk(), !chunk.isEmpty else { return false }
      comments += String(decoding: chunk, as: UTF8.self).hasPrefix(":") ? 1 : 0
    }
    return true
  }

  package func isClosedByServer() -> Bool { wire.isClosedByServer() }
}
