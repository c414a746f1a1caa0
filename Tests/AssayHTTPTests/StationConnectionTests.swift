import AssayHTTP
import AssayStationSupport
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOPosix
import Testing

@Suite struct StationConnectionTests {
  /// A station that closes drops what it has accepted and not begun to serve. NIO's channel alone would end the program.
  @Test func aConnectionThatNobodyTakesIsClosed() async throws {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
          _ = StationConnection(try StationConnection.Stream(wrappingChannelSynchronously: channel))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let isClosed = await Wire.blocking { Wire(port: port, timeout: 60).map { $0.isClosedByServer() } ?? true }
    #expect(isClosed)
    try await server.close()
  }
}
