import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection of HTTP/1.1: bytes, parser, rules, routes.
struct StationChannel: HTTPChannelHandler {
  typealias Value = StationConnection

  let responder: HTTPChannelHandler.Responder
  let rules: ConnectionRules

  static func builder(_ rules: ConnectionRules) -> HTTPServerBuilder {
    HTTPServerBuilder { StationChannel(responder: $0, rules: rules) }
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      var decoder = NIOHTTPDecoderLimitConfiguration()
      decoder.maxHeaderFieldSize = rules.headerBytes
      decoder.maxHeaderListSize = rules.headerBytes
      decoder.maxHeaderFieldCount = 100
      let pipeline = channel.pipeline.syncOperations
      let connection = ConnectionHandler(rules)
      try pipeline.addHandler(ArrivalMeter(connection))
      // The channel below takes pipelined requests one after another; errors are answered by the connection.
      try pipeline.configureHTTPServerPipeline(
        withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
        withEncoderConfiguration: .init(), withDecoderLimitConfiguration: decoder)
      try pipeline.addHandler(connection)
      try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
      // Closes connections without a request when the station closes.
      try pipeline.addHandler(HTTPConnectionStateHandler(idleTimeout: nil, logger: logger))
      // What has arrived and nobody has read yet is outside of the station's budget: a few small pieces a connection. NIO's
      // own ten pieces of 64 KiB are half a gigabyte of a thousand callers who are not read yet.
      try channel.syncOptions?.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8192))
      return StationConnection(
        try StationConnection.Stream(
          wrappingChannelSynchronously: channel,
          configuration: .init(
            backPressureStrategy: .init(lowWatermark: 2, highWatermark: 4), isOutboundHalfClosureEnabled: true)))
    }
  }

  func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value.take(), logger: logger) }
}
