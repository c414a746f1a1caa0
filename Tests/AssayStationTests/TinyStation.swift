import AssayRecord
import AssayStation
import AssayTestSupport
import Logging
import Synchronization

/// A station without any interface, before a ``TinyBundle``: black parts are good, white ones bad.
final class TinyStation: Sendable {
  let folder = TemporaryFolder()
  let station: Station
  let heard = Listener()

  init(_ kind: BundleKind = .classifier, change: (inout StationOptions) -> Void = { _ in }) throws {
    var options = StationOptions(bundles: ["part=" + (try TinyBundle.write(kind, in: folder.path))])
    options.recordFolder = folder.path + "/record"
    options.images = .all
    options.longestWait = 120
    change(&options)
    station = try Station(options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    station.attach(heard)
  }

  deinit { station.close() }

  func records() throws -> [RecordedInspection] { try station.record?.search(RecordQuery()) ?? [] }
}

/// Keeps what a link is told.
final class Listener: StationLink {
  private let kept = Mutex<[InspectAnswer]>([])

  func receive(_ answer: InspectAnswer) { kept.withLock { $0.append(answer) } }
  var answers: [InspectAnswer] { kept.withLock { $0 } }
  var health: LinkHealth { LinkHealth(name: "test", isUp: true) }
  func close() {}
}
