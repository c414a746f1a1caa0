import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// A connection of HTTP/1.1: bytes, parser, rules, routes.
struct StationChannel: HTTPChannelHandler {
  typealias Value = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

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
      return try NIOAsyncChannel(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  func handle(value: Value, logger: Logger) async { await handleHTTP(asyncChannel: value, logger: logger) }
}
