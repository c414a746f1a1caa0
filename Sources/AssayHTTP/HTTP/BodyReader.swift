import AssayStation
import Dispatch
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads request bodies within two bounds: of one body, and of the station's memory.
///
/// The first bytes count as they come: who sends slowly holds little. What is longer asks for room for its whole length, and
/// for what is made of it, before more of it is read.
struct BodyReader: Sendable {
  /// Bytes of one body.
  let limit: Int
  let budget: ByteBudget
  /// Seconds for which a body waits for room.
  let patience: Double

  /// Bytes of a body that are read before it asks for room.
  private static let first = 1 << 20

  /// What Foundation makes of a JSON document, in bytes: a dictionary for each pair of braces.
  static func document(_ length: Int) -> Int { 64 * length }

  /// Reads a body and hands it on; its bytes count until `work` is done.
  /// - Parameter beside: bytes that the work makes of a body of so many, at most.
  /// - Throws: ``HTTPFailure`` 413 when it is too large; `PartRefusal` when it can never fit or there was no room in time.
  func read<Result>(
    _ request: Request, beside: (Int) -> Int = { _ in 0 }, _ work: ([UInt8]) async throws -> Result
  ) async throws -> Result {
    var declared: Int?
    if let text = request.headers[.contentLength] {
      guard let length = Int(text), length >= 0 else {
        throw HTTPFailure(.badRequest, "Content-Length is \(text.prefix(40)), not a number")
      }
      // Refused before a byte of it is read.
      guard length <= limit else { throw tooLarge }
      declared = length
    }
    var held = Held(budget: budget, deadline: deadline)
    var bytes: [UInt8] = []
    // What is declared may never come: memory is taken as it arrives.
    bytes.reserveCapacity(min(declared ?? 0, Self.first))
    do {
      for try await chunk in request.body {
        let count = bytes.count + chunk.readableBytes
        guard count <= limit else { throw tooLarge }
        if !held.isWhole, count > Self.first || !held.takeNow(chunk.readableBytes) {
          let whole = declared ?? limit
          try await held.takeWhole(whole + beside(whole))
          bytes.reserveCapacity(whole)
        }
        bytes.append(contentsOf: chunk.readableBytesView)
      }
    } catch let failure as HTTPFailure {
      throw failure
    } catch let refusal as PartRefusal {
      throw refusal
    } catch {
      throw HTTPFailure(.badRequest, "the request ended before its body was whole")
    }
    guard declared == nil || declared == bytes.count else {
      throw HTTPFailure(.badRequest, "the request ended before its body was whole")
    }
    let more = beside(bytes.count)
    if !held.isWhole, more > 0, !held.takeNow(more) { try await held.takeWhole(bytes.count + more) }
    defer { for room in held.rooms { room.giveBack() } }
    return try await work(bytes)
  }

  private var deadline: UInt64 { DispatchTime.now().uptimeNanoseconds + UInt64(min(patience, 1e9) * 1e9) }

  private var tooLarge: HTTPFailure {
    HTTPFailure(.contentTooLarge, "the body is larger than \(limit) bytes; send a smaller image or raise --max-body")
  }

  /// What a body holds of the station's memory.
  private struct Held {
    let budget: ByteBudget
    let deadline: UInt64
    var rooms: [ByteBudget.Room] = []
    var isWhole = false

    mutating func takeNow(_ bytes: Int) -> Bool {
      guard let room = budget.takeNow(bytes, of: .arriving) else { return false }
      rooms.append(room)
      return true
    }

    mutating func takeWhole(_ bytes: Int) async throws(PartRefusal) {
      let room = try await budget.room(bytes, of: .bodies, until: deadline)
      // Only now: what has been read is never without room.
      for room in rooms { room.giveBack() }
      rooms = [room]
      isWhole = true
    }
  }
}
