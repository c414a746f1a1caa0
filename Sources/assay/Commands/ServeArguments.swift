public import ArgumentParser
import AssayHTTP
import AssayStation
import Foundation

extension StationOptions.Recording: ExpressibleByArgument {}

extension ServeCommand {
  private static let station = StationOptions(bundles: [])
  private static let http = HTTPOptions()

  enum LogLevel: String, ExpressibleByArgument, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
  }

  struct UsualArguments: ParsableArguments {
    @Option(help: "Address to listen on; others than this machine's own need --token-file.")
    var host = ServeCommand.http.host

    @Option(help: "Port; 0 for any free one.")
    var port = ServeCommand.http.port

    @Option(
      help: "The data set from which the page's Retrain trains again. (default: none, the page does not retrain)",
      completion: .file())
    var trainingData: String?

    @Option(help: "The station's time zone, by which days begin: Europe/Berlin for instance. (default: the machine's)")
    var timeZone: String?

    @Option(help: "Least severe messages that are logged: trace, debug, info, notice, warning, error or critical.")
    var logLevel: LogLevel = .info

    func validate() throws {
      guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535") }
      if let timeZone, TimeZone(identifier: timeZone) == nil {
        throw ValidationError("--time-zone \(timeZone): there is no such zone; name one like Europe/Berlin")
      }
    }
  }

  struct RecordPlace: ParsableArguments {
    @Option(help: "When a verdict is answered: sync (after its record is on disk), async (at once) or off (no record).")
    var record = ServeCommand.station.recording

    @Option(
      help: "Folder of the record. (default: ${XDG_DATA_HOME:-~/.local/share}/assay/record)", completion: .directory)
    var recordFolder: String?
  }

  /// Who may ask.
  struct AccessArguments: ParsableArguments {
    @Option(
      help: "File with the token that callers must send (Authorization: Bearer TOKEN). (default: none)",
      completion: .file())
    var tokenFile: String?

    @Option(help: "Certificate chain in PEM form, for HTTPS. (default: none)", completion: .file())
    var certificate: String?

    @Option(help: "The certificate's key in PEM form. (default: none)", completion: .file())
    var key: String?
  }

  struct LimitArguments: ParsableArguments {
    @Option(help: "Requests that may wait for a free core; further ones are answered 429.")
    var queue = ServeCommand.station.queueLength

    @Option(help: "Seconds that a request may wait for a free core, or for memory.")
    var longestWait = ServeCommand.station.longestWait

    @Option(help: "Largest body of a request in MiB.")
    var maxBody = ServeCommand.http.maximumBody >> 20

    @Option(help: "Refuse images with more pixels than this, from their header alone.")
    var maxPixels = ServeCommand.station.maximumPixels

    @Option(
      help:
        "MiB of memory for all requests and decoded pictures together: further ones wait, what never fits is refused."
    )
    var memory = ServeCommand.station.memory >> 20

    @Option(help: "Seconds in which a request must have arrived, and its answer been taken.")
    var exchangeTime = ServeCommand.http.exchangeSeconds

    @Option(help: "Seconds after which a connection without a request is closed.")
    var idleTime = ServeCommand.http.idleSeconds

    @Option(help: "Connections at once; further ones wait.")
    var connections = ServeCommand.http.maximumConnections

    @Option(help: "Pages and programs that may listen to what happens (/v1/events) at once; further ones are refused.")
    var eventReaders = ServeCommand.station.eventReaders

    func validate() throws {
      guard queue >= 1, longestWait > 0 else { throw ValidationError("--queue and --longest-wait must be above 0") }
      guard maxBody >= 1, maxPixels >= 1 else { throw ValidationError("--max-body and --max-pixels must be above 0") }
      guard (64...1 << 20).contains(memory) else { throw ValidationError("--memory must be 64 to 1048576 MiB") }
      guard exchangeTime > 0, idleTime > 0, connections >= 1 else {
        throw ValidationError("--exchange-time, --idle-time and --connections must be above 0")
      }
      guard (1...10_000).contains(eventReaders) else { throw ValidationError("--event-readers must be 1 to 10000") }
    }
  }
}
