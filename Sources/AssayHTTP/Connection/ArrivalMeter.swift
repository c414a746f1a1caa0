import NIOCore

/// Sees a connection's bytes before they are parsed: a request begins with its first byte, and not where its head ends.
final class ArrivalMeter: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer

  private let connection: ConnectionHandler

  init(_ connection: ConnectionHandler) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.arrived(unwrapInboundIn(data))
    context.fireChannelRead(data)
  }
}
