import CKernels

/// A 3 x 3 convolution of stride 1 as minimal filtering F(4 x 4, 3 x 3) sees it: from a source to a target image, which
/// are the input and the output, or in the backward direction the gradients of the output and of the input.
///
/// Winograd's algorithm needs 36 products for the 16 outputs of a tile where the definition takes 144 (Lavin and Gray,
/// Fast Algorithms for Convolutional Neural Networks, 2016).
struct WinogradShape {
  struct Image {
    let channels, height, width: Int
  }

  /// Points of a transformed tile: 6 x 6.
  static let frequencies = 36
  /// Outputs along a side of a tile.
  static let edge = 4

  let images: Int
  let source: Image
  let target: Image
  /// Zeros around the source.
  let pad: Int

  /// Nil when the convolution is of another kind.
  init?(_ geometry: ConvolutionGeometry, block: Int) {
    let (window, input, output) = (geometry.window, geometry.input, geometry.output)
    let pad = window.before[0]
    guard geometry.groups == 1, window.kernel == [3, 3], window.strides == [1, 1], window.dilations == [1, 1],
      window.before == [pad, pad], window.after == [pad, pad], pad <= 1, input[1] % block == 0, output[1] % block == 0
    else { return nil }
    images = input[0]
    source = Image(channels: input[1], height: input[2], width: input[3])
    target = Image(channels: output[1], height: output[2], width: output[3])
    self.pad = pad
  }

  private init(reversing forward: WinogradShape) {
    images = forward.images
    source = forward.target
    target = forward.source
    pad = 2 - forward.pad
  }

  /// From the gradient of the output to that of the input.
  var reversed: WinogradShape { WinogradShape(reversing: self) }

  var rows: Int { (target.height + Self.edge - 1) / Self.edge }
  var columns: Int { (target.width + Self.edge - 1) / Self.edge }
  /// Of all images.
  var tiles: Int { images * rows * columns }

  /// Floats from one frequency to the next; a block more than needed, or all 36 would fall into the same lines of the
  /// cache when the number of rows is a power of two.
  static func stride(blocks: Int, rows: Int, block: Int) -> Int { (blocks * rows + 1) * block }

  func sourceTiling() -> assay_tiling { tiling(source) }
  func targetTiling() -> assay_tiling { tiling(target) }

  private func tiling(_ image: Image) -> assay_tiling {
    assay_tiling(
      height: Int32(image.height), width: Int32(image.width), rows: Int32(rows), columns: Int32(columns),
      pad: Int32(pad), image: image.channels * image.height * image.width)
  }
}

extension Range<Int> {
  /// Even parts of at most so many.
  func parts(atMost size: Int) -> [Range<Int>] {
    let number = (count + size - 1) / size
    return (0..<number).map { lowerBound + count * $0 / number..<lowerBound + count * ($0 + 1) / number }
  }
}
