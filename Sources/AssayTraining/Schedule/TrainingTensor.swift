import CKernels

/// A view of an output or its gradient, in the layout that the network uses.
public struct TrainingTensor {
  /// `[N, C, H, W]`, or any shape when it is not an image.
  public let shape: [Int]
  let base: UnsafeMutablePointer<Float>
  /// Channels in a block; nil when the tensor is row-major.
  let block: Int?
  let team: ThreadTeam
  let kernels: assay_kernels

  init(_ value: Value, _ buffer: Buffer, _ oneDNN: OneDNN) {
    shape = value.shape
    base = buffer.pointer
    block = value.layout == .blocked ? oneDNN.block : nil
    team = oneDNN.team
    kernels = oneDNN.kernels
  }

  var blocks: Int { block.map { (shape[1] + $0 - 1) / $0 } ?? 1 }
  /// Positions of an image.
  var plane: Int { shape.dropFirst(2).reduce(1, *) }

  /// One block of channels of one image.
  func planePointer(image: Int, block index: Int) -> UnsafeMutablePointer<Float> {
    base + (image * blocks + index) * plane * (block ?? 1)
  }

  private func offset(_ index: Int) -> Int {
    guard let block else { return index }
    let position = index % plane
    let channel = index / plane % shape[1]
    let image = index / plane / shape[1]
    return ((image * blocks + channel / block) * plane + position) * block + channel % block
  }

  /// Row-major copy.
  public var values: [Float] { (0..<shape.reduce(1, *)).map { base[offset($0)] } }

  /// - Parameter values: row-major.
  public func set(_ values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for \(shape)")
    if let block { base.update(repeating: 0, count: shape[0] * blocks * plane * block) }
    for (index, value) in values.enumerated() { base[offset(index)] = value }
  }
}
