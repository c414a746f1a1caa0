import HummingbirdCore
package import NIOCore
package import NIOHTTPTypes
import Synchronization

/// A connection that has been accepted, until somebody serves it.
///
/// A station that closes may drop one that came at that moment. NIO ends the program when a channel is dropped whose writer is
/// still open; here it is finished, and the caller's connection is closed.
package final class StationConnection: ServerChildChannelValue {
  package typealias Stream = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

  private let stream: Stream
  private let isTaken = Atomic(false)

  package init(_ stream: Stream) { self.stream = stream }

  package var channel: any Channel { stream.channel }

  /// From now on whoever serves it closes it.
  func take() -> Stream {
    isTaken.store(true, ordering: .relaxed)
    return stream
  }

  deinit {
    guard !isTaken.load(ordering: .relaxed) else { return }
    Task { [stream] in
      do { try await stream.executeThenClose { _, _ in } } catch {
        // The caller has closed it already.
        return
      }
    }
  }
}
