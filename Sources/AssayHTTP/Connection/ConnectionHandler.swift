import HTTPTypes
import NIOCore
import NIOHTTP1

/// Keeps one connection to the rules: what no route ever sees is answered here, in the same words as theirs.
///
/// A request that is no HTTP, comes too slowly or is too large in its head gets its status and `{"error": ...}`. However
/// small the steps are, the whole has a deadline: a request from its first byte to its last, and again its answer. An
/// answer that comes before the request is whole (413, 401, ...) ends the connection in a way that lets the client read
/// it: this side stops sending, takes what still comes, and only then closes. A closed socket with unread bytes would
/// reset the connection, and the client would lose the answer.
///
/// An answer that goes on (``StreamedAnswer``) has no deadline as a whole: each of its pieces has.
final class ConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// The body that somebody reads has ended before its end.
  struct RequestCutOff: Error {}

  private let rules: ConnectionRules
  private var context: ChannelHandlerContext?

  /// Bytes of a request have come, but not its end.
  private var isReceiving = false
  /// Its head was passed on.
  private var hasHead = false
  /// Of a head that is not whole; its first bytes.
  private var headBytes = 0
  private var opening: [UInt8] = []
  /// Requests whose head was passed on and whose answer has not been given.
  private var unanswered = 0
  private var isAnswering = false
  /// No request follows the present one.
  private var isLast = false
  /// To be answered after the requests before it.
  private var failure: HTTPFailure?
  /// What comes is not passed on any more.
  private var isDiscarding = false
  /// The connection's last answer was given.
  private var isOver = false
  /// It has left this process.
  private var isLingering = false
  private var isInputClosed = false
  /// The answer is a ``StreamedAnswer``.
  private var isStreamed = false
  /// Pieces of it that have not left this process.
  private var piecesUnderWay = 0

  private var arrival: Scheduled<Void>?
  private var departure: Scheduled<Void>?
  private var idle: Scheduled<Void>?

  init(_ rules: ConnectionRules) { self.rules = rules }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { rearm(context) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { forget() }

  func channelActive(context: ChannelHandlerContext) {
    rearm(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    forget()
    context.fireChannelInactive()
  }

  // MARK: In

  /// Bytes have come, which the parser has not seen yet.
  func arrived(_ bytes: ByteBuffer) {
    guard let context, !isDiscarding else { return }
    if !isReceiving {
      // Some clients end a request with a line break too many (RFC 9112, section 2.2).
      if bytes.readableBytes <= 2, bytes.readableBytesView.allSatisfy({ $0 == 13 || $0 == 10 }) { return }
      isReceiving = true
      rearm(context)
    }
    guard !hasHead else { return }
    if opening.count < 32 { opening += bytes.readableBytesView.prefix(32 - opening.count) }
    headBytes += bytes.readableBytes
    if !rules.heads.take(bytes.readableBytes) {
      fail(
        HTTPFailure(
          .serviceUnavailable, "too many requests at once whose header is not whole; try again in a second",
          headers: [.retryAfter: "1"]))
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      giveBackHead()
      guard !isDiscarding else { return }
      do throws(HTTPFailure) {
        let checked = try RequestHead.checked(head)
        hasHead = true
        unanswered += 1
        // After an offer to speak another protocol the parser stops, since it cannot know what follows.
        isLast = isLast || !head.isKeepAlive || head.headers.contains(name: "upgrade")
        context.fireChannelRead(wrapInboundOut(.head(checked)))
      } catch {
        fail(error)
      }
    case .body: if !isDiscarding { context.fireChannelRead(data) }
    case .end:
      isReceiving = false
      hasHead = false
      if isLingering { return context.close(promise: nil) }
      if !isDiscarding { context.fireChannelRead(data) }
      if isLast { isDiscarding = true }
      rearm(context)
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    context.fireChannelReadComplete()
    // Nobody else asks for more.
    if isLingering { context.read() }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch error {
    case let error as HTTPParserError: fail(RequestHead.failure(error, opening, headerBytes: rules.headerBytes))
    case is ByteToMessageDecoderError: if !isDiscarding { context.fireErrorCaught(error) }
    default: context.fireErrorCaught(error)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed { isInputClosed = true }
    if isLingering, isInputClosed || event is ChannelShouldQuiesceEvent { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  // MARK: Out

  func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
    guard event is StreamedAnswer else { return context.triggerUserOutboundEvent(event, promise: promise) }
    isStreamed = true
    promise?.succeed()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // Who was answered here is not answered a second time.
    guard !isOver else { return promise?.fail(ChannelError.ioOnClosedChannel) ?? () }
    switch unwrapOutboundIn(data) {
    case .head(var head):
      guard head.status.code >= 200 else { return context.write(data, promise: promise) }
      isAnswering = true
      // An answer before the request is whole: what still comes belongs to no other request.
      if unanswered == 1 {
        isLast = isLast || hasHead
        if isLast { head.headers.replaceOrAdd(name: "connection", value: "close") }
      }
      runDeparture(context, isStreamed ? nil : rules.exchange)
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body where isStreamed: writePiece(context, data, promise)
    case .body: context.write(data, promise: promise)
    case .end: end(context, data, promise ?? context.eventLoop.makePromise(of: Void.self))
    }
  }

  /// The clock runs while a piece is under way, anew for each.
  private func writePiece(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
    let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
    piecesUnderWay += 1
    if piecesUnderWay == 1 { runDeparture(context, rules.exchange) }
    let own = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    promise.futureResult.whenComplete { _ in
      let (handler, context) = own.value
      handler.piecesUnderWay -= 1
      guard handler.isStreamed, handler.context != nil else { return }
      handler.runDeparture(context, handler.piecesUnderWay > 0 ? handler.rules.exchange : nil)
    }
    context.write(data, promise: promise)
  }

  private func end(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>) {
    if isStreamed { runDeparture(context, rules.exchange) }
    isStreamed = false
    unanswered -= 1
    isAnswering = false
    isOver = isLast && unanswered == 0
    let isOver = isOver
    let own = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    // Done when the last byte has left this process, not when it was handed over.
    promise.futureResult.whenComplete { _ in
      let (handler, context) = own.value
      guard isOver || !handler.isAnswering else { return }
      handler.departure?.cancel()
      handler.departure = nil
      if isOver { handler.linger(context) }
    }
    context.write(data, promise: promise)
    if isOver { return context.flush() }
    if let failure, unanswered == (hasHead ? 1 : 0) { return answer(failure, context) }
    rearm(context)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    guard isOver else { return context.close(mode: mode, promise: promise) }
    // The connection ends by itself once the client has read the answer.
    switch mode {
    case .all: context.channel.closeFuture.cascade(to: promise)
    case .output: promise?.succeed()
    case .input: context.close(mode: mode, promise: promise)
    }
  }

  // MARK: Ends

  private func fail(_ failure: HTTPFailure) {
    guard let context, !isDiscarding else { return }
    isDiscarding = true
    giveBackHead()
    rearm(context)
    guard unanswered == (hasHead ? 1 : 0) else {
      // Requests before it come first, each in its turn.
      self.failure = failure
      return
    }
    // Where the answer is on its way already, the connection ends with it.
    if !isAnswering { answer(failure, context) }
    if hasHead { context.fireErrorCaught(RequestCutOff()) }
  }

  private func answer(_ failure: HTTPFailure, _ context: ChannelHandlerContext) {
    isOver = true
    rules.refused(failure)
    context.write(wrapOutboundOut(.head(rules.headers.head(of: failure))), promise: nil)
    context.write(wrapOutboundOut(.body(.byteBuffer(failure.body))), promise: nil)
    runDeparture(context, rules.exchange)
    let own = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let written = context.eventLoop.makePromise(of: Void.self)
    written.futureResult.whenComplete { _ in own.value.0.linger(own.value.1) }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
  }

  /// The last answer has left. What the client still sends is taken, so that the connection is not reset.
  private func linger(_ context: ChannelHandlerContext) {
    guard !isLingering else { return }
    isLingering = true
    isDiscarding = true
    departure?.cancel()
    rearm(context)
    guard context.channel.isActive, isReceiving, !isInputClosed else { return context.close(promise: nil) }
    departure = schedule(context, in: rules.exchange) { $1.close(promise: nil) }
    context.close(mode: .output, promise: nil)
    context.read()
  }

  // MARK: Deadlines

  /// The clock of a request runs while its bytes come and no other request is worked on; that of idleness without both.
  private func rearm(_ context: ChannelHandlerContext) {
    if isReceiving, !isDiscarding, unanswered == (hasHead ? 1 : 0) {
      arrival =
        arrival
        ?? schedule(context, in: rules.exchange) { handler, _ in
          handler.fail(HTTPFailure(.requestTimeout, "the request did not arrive in time; send it faster"))
        }
    } else {
      arrival?.cancel()
      arrival = nil
    }
    if !isReceiving, unanswered == 0, !isDiscarding {
      idle = idle ?? schedule(context, in: rules.idle) { $1.close(promise: nil) }
    } else {
      idle?.cancel()
      idle = nil
    }
  }

  /// - Parameter time: until what leaves must have left; nil for never.
  private func runDeparture(_ context: ChannelHandlerContext, _ time: TimeAmount?) {
    departure?.cancel()
    departure = time.map { schedule(context, in: $0) { $1.close(promise: nil) } }
  }

  private func giveBackHead() {
    rules.heads.giveBack(headBytes)
    headBytes = 0
    opening = []
  }

  private func forget() {
    for task in [arrival, departure, idle] { task?.cancel() }
    (arrival, departure, idle) = (nil, nil, nil)
    giveBackHead()
    isDiscarding = true
    context = nil
  }

  private func schedule(
    _ context: ChannelHandlerContext, in time: TimeAmount,
    _ body: @escaping (ConnectionHandler, ChannelHandlerContext) -> Void
  ) -> Scheduled<Void> {
    context.eventLoop.assumeIsolated().scheduleTask(in: time) { body(self, context) }
  }
}
