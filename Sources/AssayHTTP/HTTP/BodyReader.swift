import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Reads request bodies within two bounds: of one body, and of all bodies together.
final class BodyReader: Sendable {
  let limit: Int
  private let total: Int
  private let used = Atomic<Int>(0)

  /// - Parameters:
  ///   - limit: bytes of one body.
  ///   - total: bytes of all bodies that are being read or worked on.
  init(limit: Int, total: Int) {
    self.limit = limit
    self.total = max(total, limit)
  }

  /// Reads a body and hands it on; its bytes count until `work` is done.
  /// - Throws: ``HTTPFailure`` 413 when it is too large, 503 when there is no room now.
  func read<Result>(_ request: Request, _ work: ([UInt8]) async throws -> Result) async throws -> Result {
    var declared: Int?
    if let text = request.headers[.contentLength] {
      guard let length = Int(text), length >= 0 else {
        throw HTTPFailure(.badRequest, "Content-Length is \(text.prefix(40)), not a number")
      }
      // Refused before a byte of it is read.
      guard length <= limit else { throw tooLarge }
      declared = length
    }
    var reserved = 0
    defer { used.subtract(reserved, ordering: .relaxed) }
    var bytes: [UInt8] = []
    // What is declared may never come: memory is taken as it arrives.
    bytes.reserveCapacity(min(declared ?? 0, 1 << 20))
    do {
      for try await chunk in request.body {
        let count = chunk.readableBytes
        guard bytes.count + count <= limit else { throw tooLarge }
        reserved += count
        guard used.wrappingAdd(count, ordering: .relaxed).newValue <= total else {
          throw HTTPFailure(
            .serviceUnavailable, "too many large requests at once; try again in a second", headers: [.retryAfter: "1"])
        }
        bytes.append(contentsOf: chunk.readableBytesView)
      }
    } catch let failure as HTTPFailure {
      throw failure
    } catch {
      throw HTTPFailure(.badRequest, "the request ended before its body was whole")
    }
    guard declared == nil || declared == bytes.count else {
      throw HTTPFailure(.badRequest, "the request ended before its body was whole")
    }
    return try await work(bytes)
  }

  private var tooLarge: HTTPFailure {
    HTTPFailure(.contentTooLarge, "the body is larger than \(limit) bytes; send a smaller image or raise --max-body")
  }
}
