package import AssayBase
import AssayInspection
package import AssayStation
import Foundation

/// Where the picture of a triggered part comes from.
package protocol PictureSource: Sendable {
  /// The picture of the part that is there now; waits for it until the deadline.
  /// - Parameter deadline: of ``monotonicSeconds()``.
  /// - Returns: the picture, and what makes it this one.
  func next(before deadline: Double) async throws(ModbusFault) -> TakenPicture

  /// The picture has been judged or given up; it does not come again.
  func settle(_ picture: TakenPicture)
}

/// A picture on its way.
package struct TakenPicture: Sendable, Equatable {
  package let input: PartInput
  /// Which of a folder's pictures it is.
  package let mark: PictureMark
}

/// From a trigger to a verdict: a picture is taken, and inspected as every other.
package struct TriggeredInspection: Sendable {
  let station: Station
  let model: String
  let source: any PictureSource
  let patience: Double

  /// - Parameters:
  ///   - model: the bundle; may be nil when there is only one.
  ///   - patience: seconds for which a trigger waits for a picture that can be read.
  /// - Throws: `WorkflowError` (usage) when it is not clear which bundle is meant.
  package init(
    _ station: Station, model: String?, source: any PictureSource, patience: Double
  ) throws(WorkflowError) {
    let names = station.models.map(\.name)
    guard let model = model ?? (names.count == 1 ? names[0] : nil), names.contains(model) else {
      let text = model.map { "there is no model \($0)" } ?? "several models are served"
      throw WorkflowError(.usage, "\(text); say which one with --trigger-model: \(names.joined(separator: ", "))")
    }
    self.station = station
    self.model = model
    self.source = source
    self.patience = patience
  }

  /// For ``ModbusServer``.
  package func run(part: UInt32) async -> Result<ModbusResult, ModbusFault> {
    await Result { () async throws(ModbusFault) in
      let answer = try await inspect(serial: part == 0 ? nil : String(part))
      return ModbusResult(answer, classes: station.models.first { $0.name == model }?.classes ?? [])
    }
  }

  /// - Parameter serial: the part's number.
  package func inspect(serial: String?) async throws(ModbusFault) -> InspectAnswer {
    let deadline = monotonicSeconds() + patience
    var fault = ModbusFault.noPicture
    while true {
      let picture: TakenPicture
      do throws(ModbusFault) {
        picture = try await source.next(before: deadline)
      } catch {
        throw error == .noPicture ? fault : error
      }
      do throws(PartRefusal) {
        let answer = try await station.inspect(model: model, picture.input, serial: serial)
        source.settle(picture)
        return answer
      } catch {
        fault = ModbusFault(error)
        guard fault == .unreadable else { throw fault }
        // It may still be being written; the same or a later one is tried until the time is over.
        guard monotonicSeconds() < deadline else {
          source.settle(picture)
          throw .unreadable
        }
        try? await Task.sleep(for: .milliseconds(30))
      }
    }
  }
}

extension Result {
  /// What an asynchronous call returns or throws.
  fileprivate init(_ body: () async throws(Failure) -> Success) async {
    do throws(Failure) {
      self = .success(try await body())
    } catch {
      self = .failure(error)
    }
  }
}
