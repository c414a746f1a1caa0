import CONNXRuntime

/// Zeros of our own that ONNX Runtime reads from or writes to.
final class ONNXRuntimeTensor {
  /// Where a cache line and the widest register begin.
  private static let alignment = 64

  let values: UnsafeMutableBufferPointer<Float>
  let value: OpaquePointer
  private let library: ONNXRuntimeLibrary

  init(_ shape: [Int], _ library: ONNXRuntimeLibrary, memory: OpaquePointer) throws(RuntimeError) {
    let count = shape.reduce(1, *)
    let bytes = count * MemoryLayout<Float>.size
    let raw = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 1), alignment: Self.alignment)
    let values = UnsafeMutableBufferPointer(
      start: raw.initializeMemory(as: Float.self, repeating: 0, count: count), count: count)
    let sides = shape.map(Int64.init)
    do throws(RuntimeError) {
      value = try library.made("make a tensor of shape \(shape)") {
        library.calls.CreateTensorWithDataAsOrtValue(memory, raw, bytes, sides, sides.count, ASSAY_ORT_FLOAT, $0)
      }
    } catch {
      raw.deallocate()
      throw error
    }
    self.values = values
    self.library = library
  }

  deinit {
    library.calls.ReleaseValue(value)
    values.deallocate()
  }
}
