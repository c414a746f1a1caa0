import AssayImage
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Cuts off who sends a request, or takes an answer, too slowly: however small the steps are, the whole has a deadline.
final class ExchangeDeadline: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let allowed: TimeAmount
  private var arrival: Scheduled<Void>?
  private var departure: Scheduled<Void>?
  private var isAnswering = false

  /// - Parameter seconds: for the request to arrive, and again for its answer to be taken.
  init(seconds: Double) { allowed = .nanoseconds(Int64(clamping: seconds * 1e9)) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      arrival?.cancel()
      arrival = schedule(context) { $0.cutOff($1) }
    case .body: break
    case .end:
      arrival?.cancel()
      arrival = nil
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head:
      isAnswering = true
      departure?.cancel()
      departure = schedule(context) { $1.close(promise: nil) }
      context.write(data, promise: promise)
    case .body:
      context.write(data, promise: promise)
    case .end:
      let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
      let own = NIOLoopBound(self, eventLoop: context.eventLoop)
      // Done when the last byte has left this process, not when it was handed over.
      promise.futureResult.whenComplete { _ in
        own.value.departure?.cancel()
        own.value.departure = nil
        own.value.isAnswering = false
      }
      context.write(data, promise: promise)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    cancel()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { cancel() }

  private func cancel() {
    arrival?.cancel()
    departure?.cancel()
    arrival = nil
    departure = nil
  }

  private func schedule(
    _ context: ChannelHandlerContext, _ body: @escaping (ExchangeDeadline, ChannelHandlerContext) -> Void
  ) -> Scheduled<Void> {
    context.eventLoop.assumeIsolated().scheduleTask(in: allowed) { body(self, context) }
  }

  private func cutOff(_ context: ChannelHandlerContext) {
    if !isAnswering {
      let head = HTTPResponse(status: .requestTimeout, headerFields: [.connection: "close", .contentLength: "0"])
      context.write(wrapOutboundOut(.head(head)), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
    context.close(promise: nil)
  }
}
