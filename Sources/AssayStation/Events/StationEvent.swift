import AssayBase
package import Foundation
import Synchronization

/// What happens at a station, as it is told to whoever listens.
package enum StationEvent: Sendable {
  /// A part has been judged, or its network had no finite answer.
  case part(PartEvent)
  /// A bundle was loaded, could not be loaded, came or went, or has another threshold.
  case bundles
  /// Nothing has happened: the station says that it is there.
  case alive
}

/// A part that was told, with its place among all.
package struct PartEvent: Sendable {
  package let mark: EventMark
  /// Name of its bundle.
  package let model: String
  package let document: EventDocument
}

/// Says which part somebody has seen last. Numbers begin anew with each run of the station, so the run is part of it.
package struct EventMark: Sendable, Equatable, CustomStringConvertible {
  let run: String
  let number: Int64

  init(run: String, number: Int64) {
    self.run = run
    self.number = number
  }

  /// nil for what is no mark.
  package init?(_ text: String) {
    let sides = text.split(separator: "-", omittingEmptySubsequences: false)
    guard sides.count == 2, !sides[0].isEmpty, sides[0].utf8.count <= 16,
      sides[0].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }),
      let number = Int64(sides[1]), number >= 0
    else { return nil }
    self.init(run: String(sides[0]), number: number)
  }

  package var description: String { "\(run)-\(number)" }
}

/// What is told of a part: the JSON object that its caller gets, made once for all who listen, and only when somebody does.
package final class EventDocument: Sendable {
  private let make: @Sendable () throws -> Data
  private let model: String
  private let made = Mutex<Data?>(nil)

  init(model: String, _ make: @escaping @Sendable () throws -> Data) {
    self.model = model
    self.make = make
  }

  /// One line of UTF-8.
  package var json: Data {
    made.withLock { made in
      if let made { return made }
      let data: Data
      do { data = try make() } catch {
        // A part that cannot be shown is said to be one, and not passed over.
        data = Data(
          ("{\"model\":\(JSONText.quoted(model)),\"verdict\":\"error\","
            + "\"error\":\(JSONText.quoted("the answer cannot be written (\(error)); look for the part in the record"))}")
            .utf8)
      }
      made = data
      return data
    }
  }
}
