import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Tells the connection that the next answer goes on for as long as somebody takes it: its deadline holds for each piece.
struct StreamedAnswer: Sendable {
  /// `TCP_USER_TIMEOUT` of Linux: milliseconds after which a client that acknowledges nothing is gone. What is told to a
  /// machine that lost its power would else be kept for a quarter of an hour.
  private static let acknowledgement = ChannelOptions.socket(SocketOptionLevel(IPPROTO_TCP), SocketOptionName(18))
  private static let patience: SocketOptionValue = 20_000

  /// Where the system does not know it, the client's absence is noticed later.
  private static func noticeAbsence(_ channel: any Channel) {
    _ = channel.setOption(acknowledgement, value: patience)
  }

  /// An answer that is made while it is taken.
  static func response(
    type: String, headers: HTTPFields = [:], on channel: any Channel,
    _ body: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
  ) async throws -> Response {
    try await channel.triggerUserOutboundEvent(StreamedAnswer())
    noticeAbsence(channel)
    var headers = headers
    headers[.contentType] = type
    headers[.cacheControl] = "no-store"
    return Response(status: .ok, headers: headers, body: ResponseBody(body))
  }
}
