import AssayBase
import AssayImage
import CAravis
import Foundation

/// An open camera that streams. One thread at a time.
final class CameraConnection {
  /// Aravis' list of devices belongs to the whole process.
  static let searching = NSLock()

  private let calls: assay_aravis
  private let options: CameraOptions
  private let camera: UnsafeMutablePointer<ArvCamera>
  private var stream: UnsafeMutablePointer<ArvStream>?
  private let isTriggered: Bool
  private let name: String

  init(_ calls: assay_aravis, _ options: CameraOptions) throws(WorkflowError) {
    self.calls = calls
    self.options = options
    var error: UnsafeMutablePointer<GError>?
    let opened = Self.searching.withLock {
      if options.id?.hasPrefix("Fake_") == true { calls.arv_enable_interface("Fake") }
      return calls.arv_camera_new(options.id, &error)
    }
    let cause = Self.take(&error, calls)
    guard let opened else {
      let which = options.id.map { "camera \($0)" } ?? "a camera"
      throw WorkflowError(
        .unavailable,
        "\(which) was not found\(cause.map { " (\($0))" } ?? ""); check power, cable and network, and see what "
          + "`assay camera list` finds")
    }
    camera = opened
    name = calls.arv_camera_get_device_id(opened, nil).map { String(cString: $0) } ?? options.id ?? "camera"
    if !options.features.isEmpty {
      let text = options.features.joined(separator: " ")
      _ = calls.arv_device_set_features_from_string(calls.arv_camera_get_device(opened), text, &error)
      if let cause = Self.take(&error, calls) {
        calls.g_object_unref(opened)
        throw WorkflowError(.usage, "\(name): \(text) cannot be set (\(cause)); check the feature's name and value")
      }
    }
    isTriggered = calls.arv_camera_is_software_trigger_supported(opened, nil) != 0
    do throws(WorkflowError) {
      try begin()
    } catch {
      calls.g_object_unref(opened)
      throw error
    }
  }

  deinit {
    calls.arv_camera_stop_acquisition(camera, nil)
    if let stream { calls.g_object_unref(stream) }
    calls.g_object_unref(camera)
  }

  private func begin() throws(WorkflowError) {
    var error: UnsafeMutablePointer<GError>?
    func check(_ what: String) throws(WorkflowError) {
      guard let cause = Self.take(&error, calls) else { return }
      throw WorkflowError(
        .unavailable, "\(name): \(what) failed (\(cause)); is another program using it? Switch it off and on")
    }
    calls.arv_camera_set_acquisition_mode(camera, ARV_ACQUISITION_MODE_CONTINUOUS, &error)
    try check("setting continuous acquisition")
    if isTriggered {
      calls.arv_camera_set_trigger(camera, "Software", &error)
      try check("setting the software trigger")
    }
    let size = calls.arv_camera_get_payload(camera, &error)
    try check("asking for the size of a picture")
    if calls.arv_camera_is_gv_device(camera) != 0 {
      // Root would get packet sockets, which work differently (and not on every interface); everybody gets the same.
      calls.arv_camera_gv_set_stream_options(camera, ARV_GV_STREAM_OPTION_PACKET_SOCKET_DISABLED)
    }
    stream = calls.arv_camera_create_stream(camera, nil, nil, &error)
    try check("opening the stream")
    guard let stream else { throw lost("there is no stream") }
    for _ in 0..<4 { calls.arv_stream_push_buffer(stream, calls.arv_buffer_new_allocate(Int(size))) }
    calls.arv_camera_start_acquisition(camera, &error)
    try check("starting")
  }

  /// A picture that begins now. One that lost packets on its way is taken again while there is time.
  func grab() throws(WorkflowError) -> CameraFrame {
    guard let stream else { throw lost("there is no stream") }
    let deadline = monotonicSeconds() + options.timeout
    while true {
      try trigger(stream)
      let rest = max(0, deadline - monotonicSeconds())
      guard let buffer = calls.arv_stream_timeout_pop_buffer(stream, UInt(clamping: rest * 1e6)) else {
        throw lost("no picture came within \(options.timeout) s")
      }
      defer { calls.arv_stream_push_buffer(stream, buffer) }
      let status = calls.arv_buffer_get_status(buffer)
      if status == ARV_BUFFER_STATUS_SUCCESS { return try frame(buffer) }
      guard monotonicSeconds() < deadline else {
        throw lost(
          "all pictures are incomplete, status \(status.rawValue): raise the network's packet size (MTU 9000) and "
            + "net.core.rmem_max, or lower the camera's rate")
      }
    }
  }

  private func trigger(_ stream: UnsafeMutablePointer<ArvStream>) throws(WorkflowError) {
    // What came before is of another part.
    while let old = calls.arv_stream_try_pop_buffer(stream) { calls.arv_stream_push_buffer(stream, old) }
    if isTriggered {
      var error: UnsafeMutablePointer<GError>?
      calls.arv_camera_software_trigger(camera, &error)
      if let cause = Self.take(&error, calls) { throw lost(cause) }
    } else {
      // A camera that runs freely may have begun this one before.
      if let first = calls.arv_stream_timeout_pop_buffer(stream, UInt(clamping: options.timeout * 1e6)) {
        calls.arv_stream_push_buffer(stream, first)
      }
    }
  }

  private func frame(_ buffer: OpaquePointer) throws(WorkflowError) -> CameraFrame {
    let code = calls.arv_buffer_get_image_pixel_format(buffer)
    guard let format = PixelFormat(rawValue: code) else {
      let current = calls.arv_camera_get_pixel_format_as_string(camera, nil).map { String(cString: $0) }
      throw WorkflowError(
        .badData,
        "\(name): pictures in \(current ?? "the format 0x" + String(code, radix: 16)) are not read; "
          + "set one that is, --camera-set PixelFormat=\(readable.first ?? "Mono8")"
          + (readable.count > 1 ? " (or \(readable.dropFirst().joined(separator: ", ")))" : ""))
    }
    var size = 0
    let data = calls.arv_buffer_get_data(buffer, &size)
    let bytes = data.map { Array(UnsafeRawBufferPointer(start: $0, count: size)) } ?? []
    return try CameraFrame(
      width: Int(calls.arv_buffer_get_image_width(buffer)), height: Int(calls.arv_buffer_get_image_height(buffer)),
      format: format, bytes: bytes)
  }

  /// The camera's formats that are read.
  private var readable: [String] {
    var count: UInt32 = 0
    guard let names = calls.arv_camera_dup_available_pixel_formats_as_strings(camera, &count, nil) else { return [] }
    defer { calls.g_free(names) }
    let known = Set(PixelFormat.allCases.map(\.name))
    return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }.filter(known.contains)
  }

  private func lost(_ cause: String) -> WorkflowError {
    WorkflowError(.unavailable, "\(name): the camera was lost (\(cause)); check power, cable and network")
  }

  private static func take(_ error: inout UnsafeMutablePointer<GError>?, _ calls: assay_aravis) -> String? {
    guard let found = error else { return nil }
    defer {
      calls.g_error_free(found)
      error = nil
    }
    return found.pointee.message.map { String(cString: $0) } ?? "unknown error"
  }
}
