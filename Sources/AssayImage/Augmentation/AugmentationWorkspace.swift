/// Scratch memory of augmentation, kept between images. Not for use from two threads at once: make one per thread.
public final class AugmentationWorkspace {
  private var floats: [Float] = []
  private var spare: [Float] = []
  let resampler = Resampler()

  public init() {}

  /// The source's values as `[planes, height, width]` of 0...1.
  func withFloats(of source: AugmentationSource, _ body: (UnsafePointer<Float>) -> Void) {
    switch source.values {
    case .float(let values):
      values.withUnsafeBufferPointer { values in
        if let first = values.baseAddress { body(first) }
      }
    case .uint8(let bytes):
      if floats.count < bytes.count { floats = .init(repeating: 0, count: bytes.count) }
      floats.withUnsafeMutableBufferPointer { floats in
        guard let first = floats.baseAddress else { return }
        bytes.withUnsafeBufferPointer { convert($0, into: first) }
        body(first)
      }
    }
  }

  /// At least `count` values of any content.
  func withSpare(count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    if spare.count < count { spare = .init(repeating: 0, count: count) }
    spare.withUnsafeMutableBufferPointer { spare in
      if let first = spare.baseAddress { body(first) }
    }
  }

  private func convert(_ bytes: UnsafeBufferPointer<UInt8>, into floats: UnsafeMutablePointer<Float>) {
    for i in 0..<bytes.count { floats[i] = Float(bytes[i]) / 255 }
  }
}
