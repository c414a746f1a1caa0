/// A piece of the activation memory, used from one step of an iteration to another and shared in time with others.
final class Buffer {
  /// In floats.
  let count: Int
  /// First and last step that touch it; nil until a step does.
  private(set) var lifetime: ClosedRange<Int>?
  /// Set when the memory has been laid out.
  fileprivate(set) var start: UnsafeMutablePointer<Float>?

  init(count: Int) { self.count = count }

  /// - Precondition: memory has been laid out and a step uses this buffer.
  var pointer: UnsafeMutablePointer<Float> {
    guard let start else { preconditionFailure("a buffer of \(count) floats is used before the memory is laid out") }
    return start
  }

  func use(at step: Int) {
    lifetime = lifetime.map { min($0.lowerBound, step)...max($0.upperBound, step) } ?? step...step
  }
}

/// One allocation in which buffers with disjoint lifetimes share addresses.
final class Arena {
  /// In bytes.
  let size: Int
  private let memory: UnsafeMutableRawPointer

  private static let alignment = 64

  /// Largest first, each at the lowest offset where it meets no buffer that lives at the same time: at most a few per
  /// cent above the largest sum of live buffers on the networks measured (docs/finetune.md).
  init(_ buffers: [Buffer]) {
    let step = Self.alignment / MemoryLayout<Float>.size
    var placed: [(offset: Int, end: Int, lifetime: ClosedRange<Int>, buffer: Buffer)] = []
    var total = 0
    let used = buffers.enumerated().filter { $0.element.lifetime != nil }
      .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
    for (_, buffer) in used {
      guard let lifetime = buffer.lifetime else { continue }
      let count = (buffer.count + step - 1) / step * step
      var offset = 0
      for other in placed where other.lifetime.overlaps(lifetime) {
        if other.offset >= offset + count { break }
        offset = max(offset, other.end)
      }
      let entry = (offset: offset, end: offset + count, lifetime: lifetime, buffer: buffer)
      placed.insert(entry, at: placed.firstIndex { $0.offset > offset } ?? placed.count)
      total = max(total, entry.end)
    }
    size = max(total, step) * MemoryLayout<Float>.size
    memory = .allocate(byteCount: size, alignment: 4096)
    // Padding of blocked layouts must never hold NaN.
    memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    let floats = memory.assumingMemoryBound(to: Float.self)
    for entry in placed { entry.buffer.start = floats + entry.offset }
  }

  deinit { memory.deallocate() }
}
