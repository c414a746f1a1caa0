package import AssayBase
import AssayInspection
import CAravis
import Foundation
import Synchronization

/// A camera that Aravis has found.
package struct CameraDescription: Sendable, Encodable, Equatable {
  package let id: String
  package let vendor: String
  package let model: String
  package let serial: String
  package let address: String
  /// `GigEVision`, `USB3Vision` or `Fake`.
  package let `protocol`: String

  /// Looks for cameras on the networks and USB ports of this machine; takes a second or two.
  /// - Parameter includesFake: also Aravis' simulated camera, `Fake_1`.
  /// - Throws: `WorkflowError` (unavailable) when Aravis is missing.
  package static func all(includesFake: Bool) throws(WorkflowError) -> [CameraDescription] {
    let calls = try PlantLibrary.aravis()
    return CameraConnection.searching.withLock {
      if includesFake { calls.arv_enable_interface("Fake") }
      calls.arv_update_device_list()
      func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }
      return (0..<calls.arv_get_n_devices()).map {
        CameraDescription(
          id: text(calls.arv_get_device_id($0)), vendor: text(calls.arv_get_device_vendor($0)),
          model: text(calls.arv_get_device_model($0)), serial: text(calls.arv_get_device_serial_nbr($0)),
          address: text(calls.arv_get_device_address($0)), protocol: text(calls.arv_get_device_protocol($0)))
      }
    }
  }
}

/// Which camera, and how it is set.
package struct CameraOptions: Sendable, Equatable {
  /// As `assay camera list` shows it; nil for the first that is found.
  package var id: String?
  /// GenICam features, `NAME=VALUE`, set in this order.
  package var features: [String] = []
  /// Seconds for which a picture is waited for.
  package var timeout = 5.0

  package init(id: String? = nil) { self.id = id }
}

/// A GigE Vision or USB3 Vision camera. Pictures are taken when they are asked for; a camera that was lost is looked for
/// again with the next one.
package final class Camera: Sendable {
  private struct State {
    // Used under the lock alone.
    var connection: CameraConnection?
    var failure: String?
    var pictures = 0
  }

  private let options: CameraOptions
  private let calls: assay_aravis
  // The connection never leaves the lock.
  private struct Box: @unchecked Sendable { var state = State() }
  private let box = Mutex(Box())
  private let queue = DispatchQueue(label: "assay.camera")

  /// Connects. Blocks for seconds.
  /// - Throws: `WorkflowError`: Aravis or the camera is missing (69), or a feature cannot be set (64).
  package init(_ options: CameraOptions) throws(WorkflowError) {
    self.options = options
    calls = try PlantLibrary.aravis()
    let connection = try CameraConnection(calls, options)
    nonisolated(unsafe) let first = connection
    box.withLock { $0.state.connection = first }
  }

  /// A picture that begins now. Blocks.
  /// - Throws: `WorkflowError`: the camera does not answer (69), or its pictures are of a kind that is not read (65).
  package func grab() throws(WorkflowError) -> CameraFrame {
    let calls = calls
    let options = options
    return try box.withLock { (box) throws(WorkflowError) -> CameraFrame in
      // One that was there before gets a second chance at once.
      var isSecond = box.state.connection == nil
      while true {
        do throws(WorkflowError) {
          let connection = if let open = box.state.connection { open } else { try CameraConnection(calls, options) }
          box.state.connection = connection
          let frame = try connection.grab()
          box.state.failure = nil
          box.state.pictures += 1
          return frame
        } catch {
          box.state.failure = error.description
          if error.kind == .badData { throw error }
          box.state.connection = nil
          if isSecond { throw error }
          isSecond = true
        }
      }
    }
  }

  /// The same without blocking the caller's thread.
  package func picture() async throws(WorkflowError) -> CameraFrame {
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
      queue.async { [self] in
        do throws(WorkflowError) {
          continuation.resume(returning: .success(try grab()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }

  private typealias Outcome = Result<CameraFrame, WorkflowError>

  /// Why the last picture failed; nil when it did not.
  package var failure: String? { box.withLock { $0.state.failure } }
  package var pictures: Int { box.withLock { $0.state.pictures } }

  /// Lets the camera go.
  package func close() { box.withLock { $0.state.connection = nil } }
}
