import AssayBase
import AssayInspection
package import AssayStation
import Foundation
package import Logging
import Synchronization

/// A station's camera: a source of pictures for triggers, or by itself on a clock.
package final class CameraLink: StationLink, PictureSource {
  private let camera: Camera
  private let logger: Logger
  private let isClosing = Mutex(false)
  private let wasUp = Mutex(true)

  package init(_ camera: Camera, logger: Logger) {
    self.camera = camera
    self.logger = logger
  }

  /// Takes and inspects a picture every so many milliseconds from now on. While inspections take longer, the next one
  /// begins when the last has ended.
  package func run(every milliseconds: Double, _ inspection: TriggeredInspection) {
    Task.detached { [self] in
      let period = milliseconds / 1000
      var next = monotonicSeconds()
      while !isClosing.withLock({ $0 }) {
        let isFailed: Bool
        do throws(ModbusFault) {
          _ = try await inspection.inspect(serial: nil)
          isFailed = false
        } catch {
          isFailed = error == .cameraLost
        }
        // A lost camera is looked for once a second.
        next = max(next + period, monotonicSeconds() + (isFailed ? 1 : 0))
        let rest = next - monotonicSeconds()
        if rest > 0 { try? await Task.sleep(for: .seconds(rest)) }
      }
    }
  }

  package func next(before deadline: Double) async throws(ModbusFault) -> TakenPicture {
    do throws(WorkflowError) {
      let frame = try await camera.picture()
      if wasUp.withLock({ exchange(&$0, true) }) == false { logger.info("camera: it is back") }
      return TakenPicture(input: .pixels(frame.image), mark: .none)
    } catch {
      if wasUp.withLock({ exchange(&$0, false) }) {
        logger.error("camera: no picture", metadata: ["cause": "\(error)"])
      }
      throw error.kind == .badData ? .unreadable : .cameraLost
    }
  }

  package func settle(_ picture: TakenPicture) {}

  package var health: LinkHealth {
    let failure = camera.failure
    return LinkHealth(name: "camera", isUp: failure == nil, failure: failure, delivered: camera.pictures)
  }

  package func close() {
    isClosing.withLock { $0 = true }
    camera.close()
  }
}

private func exchange(_ value: inout Bool, _ new: Bool) -> Bool {
  defer { value = new }
  return value
}
