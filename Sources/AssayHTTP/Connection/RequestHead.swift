import HTTPTypes
import NIOHTTP1

/// What RFC 9112 asks of a request's head, checked before anybody acts on it.
enum RequestHead {
  /// The head as the routes see it: one host, a target in origin-form whose path is percent-encoded in one way only.
  /// - Throws: ``HTTPFailure`` that says what is wrong.
  static func checked(_ head: HTTPRequestHead) throws(HTTPFailure) -> HTTPRequestHead {
    var head = head
    try checkHost(head)
    if head.method == .CONNECT {
      throw HTTPFailure(.notImplemented, "CONNECT asks for a proxy, and this is none")
    }
    if head.uri != "*" || head.method != .OPTIONS {
      if !head.uri.hasPrefix("/") {
        let target = try origin(ofAbsolute: head.uri)
        // RFC 9112, section 3.2.2: the target's authority counts, and Host is ignored.
        head.headers.replaceOrAdd(name: "host", value: target.authority)
        head.uri = target.rest
      }
      guard !head.uri.contains("#") else {
        throw HTTPFailure(.badRequest, "the request's target has a #, which belongs into no request")
      }
      head.uri = try normalised(head.uri)
    }
    try checkTransfer(head)
    // RFC 9110, section 10.1.1.
    if head.version == .http1_0 { head.headers.remove(name: "expect") }
    let expectations = head.headers["expect"].map { $0.lowercased() }
    guard expectations.allSatisfy({ $0 == "100-continue" }) else {
      throw HTTPFailure(.expectationFailed, "Expect can only be 100-continue")
    }
    return head
  }

  /// RFC 9112, section 3.2: exactly one Host line, whose value is an authority without user information.
  private static func checkHost(_ head: HTTPRequestHead) throws(HTTPFailure) {
    let hosts = head.headers["host"]
    guard hosts.count <= 1 else {
      throw HTTPFailure(.badRequest, "the request has \(hosts.count) Host lines; send one")
    }
    guard let host = hosts.first else {
      if head.version == .http1_0 { return }
      throw HTTPFailure(.badRequest, "the request has no Host line; HTTP/1.1 needs one")
    }
    guard isAuthority(host) else {
      throw HTTPFailure(.badRequest, "Host is \(excerpt(host)), which is no host with or without a port")
    }
  }

  /// `host`, `host:port`, `[IPv6]` or `[IPv6]:port` (RFC 3986, section 3.2.2).
  static func isAuthority(_ text: String) -> Bool {
    var rest = text[...]
    if rest.first == "[" {
      guard let end = rest.firstIndex(of: "]") else { return false }
      let address = rest[rest.index(after: rest.startIndex)..<end]
      guard !address.isEmpty, address.utf8.allSatisfy({ isHexadecimal($0) || $0 == 0x3A || $0 == 0x2E }) else {
        return false
      }
      rest = rest[rest.index(after: end)...]
    } else {
      let end = rest.firstIndex(of: ":") ?? rest.endIndex
      let name = rest[..<end]
      guard !name.isEmpty, name.utf8.allSatisfy({ isUnreserved($0) || "!$&'()*+,;=%".utf8.contains($0) }) else {
        return false
      }
      rest = rest[end...]
    }
    guard !rest.isEmpty else { return true }
    let port = rest.dropFirst()
    return rest.first == ":" && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
      && (port.isEmpty || UInt16(port) != nil)
  }

  /// `http://host:port/path?query`, as clients of proxies send it.
  private static func origin(
    ofAbsolute target: String
  ) throws(HTTPFailure) -> (authority: String, rest: String) {
    let lowered = target.prefix(8).lowercased()
    guard let scheme = ["http://", "https://"].first(where: lowered.hasPrefix) else {
      throw HTTPFailure(
        .badRequest, "the request's target is \(excerpt(target)); it begins with / or with http:// and a host")
    }
    let address = target.dropFirst(scheme.count)
    let end = address.firstIndex { $0 == "/" || $0 == "?" } ?? address.endIndex
    let authority = String(address[..<end])
    guard isAuthority(authority) else {
      throw HTTPFailure(.badRequest, "the request's target names \(excerpt(authority)), which is no host")
    }
    let rest = address[end...]
    return (authority, rest.hasPrefix("/") ? String(rest) : "/" + rest)
  }

  /// Characters that need no encoding are decoded (RFC 3986, section 6.2.2.2), so that each path is spelt in one way; the
  /// others stay as they are until names are read, which decodes them once.
  static func normalised(_ target: String) throws(HTTPFailure) -> String {
    guard target.utf8.contains(0x25) else { return target }
    let bytes = Array(target.utf8)
    let pathEnd = bytes.firstIndex(of: 0x3F) ?? bytes.count
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < pathEnd {
      guard bytes[index] == 0x25 else {
        result.append(bytes[index])
        index += 1
        continue
      }
      guard index + 2 < pathEnd, let value = UInt8(hexadecimal: bytes[index + 1], bytes[index + 2]) else {
        throw HTTPFailure(
          .badRequest, "the path has a % that is not followed by two hexadecimal digits; write % itself as %25")
      }
      if isUnreserved(value) { result.append(value) } else { result += bytes[index..<index + 3] }
      index += 3
    }
    return String(decoding: result + bytes[pathEnd...], as: UTF8.self)
  }

  /// What is not understood of the body's framing could be understood otherwise by a proxy before us.
  private static func checkTransfer(_ head: HTTPRequestHead) throws(HTTPFailure) {
    let codings = head.headers[canonicalForm: "transfer-encoding"]
    guard !codings.isEmpty else { return }
    guard head.version != .http1_0 else {
      throw HTTPFailure(.badRequest, "HTTP/1.0 has no Transfer-Encoding; send Content-Length")
    }
    guard codings.count == 1, codings[0].lowercased() == "chunked" else {
      throw HTTPFailure(.notImplemented, "Transfer-Encoding can only be chunked; send the body as it is")
    }
  }

  /// An error of the parser as it is answered.
  /// - Parameter opening: the request's first bytes.
  static func failure(_ error: HTTPParserError, _ opening: [UInt8], headerBytes: Int) -> HTTPFailure {
    switch error {
    case .headerOverflow:
      HTTPFailure(
        .requestHeaderFieldsTooLarge, "the request's target or header is too large; all of it has \(headerBytes) bytes")
    // HTTP/2 begins with a request of its own, which the parser takes for the end of what it can read.
    case .invalidVersion where namesVersion(opening), .paused where namesVersion(opening):
      HTTPFailure(.httpVersionNotSupported, "HTTP/1.1 and HTTP/1.0 are spoken here")
    case .invalidVersion: HTTPFailure(.badRequest, "the request's first line does not end with HTTP/1.1")
    case .invalidMethod where hasMethod(opening): HTTPFailure(.notImplemented, "the request's method is not known")
    case .invalidURL: HTTPFailure(.badRequest, "the request's target is no address; percent-encode what is not ASCII")
    case .invalidContentLength, .unexpectedContentLength:
      HTTPFailure(.badRequest, "Content-Length is not one number, or stands beside Transfer-Encoding")
    case .invalidChunkSize: HTTPFailure(.badRequest, "a chunk's size is not a hexadecimal number")
    case .invalidHeaderToken: HTTPFailure(.badRequest, "a header line has a character that is not allowed there")
    case .invalidEOFState, .closedConnection:
      HTTPFailure(.badRequest, "the request ended before it was whole")
    default: HTTPFailure(.badRequest, "the request is not HTTP/1.1 (\(error))")
    }
  }

  /// Whether a request line begins with what may be a method: a token and a blank (RFC 9112, section 3).
  private static func hasMethod(_ opening: [UInt8]) -> Bool {
    let token = opening.prefix { isUnreserved($0) || "!#$%&'*+^`|".utf8.contains($0) }
    return !token.isEmpty && opening.count > token.count && opening[token.count] == 0x20
  }

  /// Whether the request line ends as one does (RFC 9112, section 3), be it with a version that is not spoken here.
  private static func namesVersion(_ opening: [UInt8]) -> Bool {
    let line = opening.prefix { $0 != 13 && $0 != 10 }
    // The end of a long line is not among the first bytes.
    guard line.count < opening.count else { return true }
    guard let last = line.split(separator: 0x20).last, last.count == 8, last.starts(with: Array("HTTP/".utf8)) else {
      return false
    }
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let version = Array(last.suffix(3))
    return digits.contains(version[0]) && version[1] == UInt8(ascii: ".") && digits.contains(version[2])
  }

  /// For messages: short, and without what a terminal would obey.
  private static func excerpt(_ text: String) -> String {
    String(text.unicodeScalars.prefix(60).map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) })
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      true
    default: false
    }
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool { UInt8(hexadecimal: byte, 0x30) != nil }
}

extension UInt8 {
  /// nil when one of the two is no hexadecimal digit.
  init?(hexadecimal first: UInt8, _ second: UInt8) {
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
      default: nil
      }
    }
    guard let high = digit(first), let low = digit(second) else { return nil }
    self = high << 4 | low
  }
}
