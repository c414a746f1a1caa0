import AssayStation
import HTTPTypes
import Hummingbird
import NIOCore

/// A large answer whose bytes count in the station's memory until they have been sent, so that many who read slowly cannot
/// take more of it than is set apart for answers.
struct HeldAnswer {
  let bytes: [UInt8]
  let type: String
  let room: ByteBudget.Room?

  /// Bytes up to which an answer does not count.
  static let small = 64 << 10
  /// Bytes that are copied for the connection at a time; the next wait until it has taken these.
  private static let piece = 256 << 10

  /// Room for an answer, before it is made; nil for a small one. What is larger than all that is set apart has it to itself.
  /// - Throws: `PartRefusal` when there was none within the longest wait.
  static func room(_ bytes: Int, _ station: Station) async throws(PartRefusal) -> ByteBudget.Room? {
    guard bytes > small else { return nil }
    return try await station.budget.room(
      min(bytes, station.budget.limit(of: .answers)), of: .answers, until: station.queue.deadline)
  }

  /// - Parameter isFixed: whether it stays the same for ever, so that a browser may keep it.
  func response(isFixed: Bool = false) -> Response {
    var response = Response.bytes([], type: type, isFixed: isFixed)
    let (bytes, room) = (bytes, room)
    response.body = ResponseBody(contentLength: bytes.count) { writer in
      for start in stride(from: 0, to: bytes.count, by: Self.piece) {
        try await writer.write(ByteBuffer(bytes: bytes[start..<min(start + Self.piece, bytes.count)]))
      }
      try await writer.finish(nil)
      room?.giveBack()
    }
    return response
  }
}
