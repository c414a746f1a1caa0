import Foundation

/// A client that speaks HTTP/1.1 over a socket byte by byte, so that tests can be slow, rude and many.
package final class Wire: @unchecked Sendable {
  package struct Reply: Sendable {
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]

    package var text: String { String(decoding: body, as: UTF8.self) }
    package var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }
  }

  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// nil when nobody listens.
  package init?(port: Int, timeout: Int = 900) {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var limit = timeval(tv_sec: timeout, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else {
      close(descriptor)
      return nil
    }
  }

  deinit { close(descriptor) }

  @discardableResult
  package func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// nil when the server closed the connection before its answer was whole.
  /// - Parameter isHead: the answer to HEAD, which has the length of GET's body and no body.
  package func receive(isHead: Bool = false) -> Reply? {
    guard let (status, headers) = head() else { return nil }
    let length = isHead ? 0 : headers["content-length"].flatMap { Int($0) } ?? 0
    guard let body = take(length) else { return nil }
    return Reply(status: status, headers: headers, body: body)
  }

  /// The next chunk of a body that is sent in chunks; empty at its end, nil when the connection ends before.
  package func chunk() -> [UInt8]? {
    guard let line = line(), let length = Int(line, radix: 16), let bytes = take(length + 2) else { return nil }
    return Array(bytes.dropLast(2))
  }

  private func line() -> String? {
    while true {
      if let end = pending.firstIndex(of: 13), end + 1 < pending.count {
        let line = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeFirst(end + 2)
        return line
      }
      if !fill() { return nil }
    }
  }

  private func take(_ count: Int) -> [UInt8]? {
    while pending.count < count { if !fill() { return nil } }
    defer { pending.removeFirst(count) }
    return Array(pending[..<count])
  }

  /// Status and header of an answer whose body is read piece by piece; names in lower case.
  package func head() -> (status: Int, headers: [String: String])? {
    let separator = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    while headEnd == nil {
      if pending.count >= 4 {
        headEnd = (0...(pending.count - 4)).first { Array(pending[$0..<$0 + 4]) == separator }
      }
      if headEnd == nil, !fill() { return nil }
    }
    guard let headEnd else { return nil }
    let lines = String(decoding: pending[..<headEnd], as: UTF8.self).components(separatedBy: "\r\n")
    let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let pair = line.split(separator: ":", maxSplits: 1)
      if pair.count == 2 { headers[pair[0].lowercased()] = pair[1].trimmingCharacters(in: .whitespaces) }
    }
    pending.removeFirst(headEnd + 4)
    return (status, headers)
  }

  /// Whether the server ends the connection with nothing more, and not by a reset, which may destroy what was sent.
  package func endsCleanly() -> Bool {
    while fill() {}
    return errno == 0 && pending.isEmpty
  }

  /// Nothing more is sent, but what is answered is still read.
  package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Whether the server closes the connection within the socket's timeout.
  package func isClosedByServer() -> Bool {
    while fill() { pending.removeAll() }
    return errno != EAGAIN && errno != EWOULDBLOCK
  }

  private func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    errno = 0
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    pending += buffer[..<count]
    return true
  }

  package static func request(
    _ method: String, _ path: String, headers: [String: String] = [:], body: [UInt8] = [], host: String = "localhost"
  ) -> [UInt8] {
    var text = "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: \(body.count)\r\n"
    for (name, value) in headers { text += "\(name): \(value)\r\n" }
    return Array((text + "\r\n").utf8) + body
  }

  /// Runs something that blocks without taking a thread from the server.
  package static func blocking<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: work()) }
    }
  }
}
