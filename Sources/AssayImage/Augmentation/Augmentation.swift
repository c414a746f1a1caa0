/// What happens to one image: everything random has been drawn, so the same value changes the same image alike.
///
/// Applied in the order of the fields. `Augmentation()` changes nothing.
public struct Augmentation: Sendable, Hashable {
  public var geometry = AugmentationGeometry()
  public var tone = ToneChange()
  public var blur: GaussianBlur?
  public var noise: PixelNoise?
  /// The quality of the JPEG file that the image goes through, 1...100.
  public var jpegQuality: Int?
  public var cutOut: CutOut?

  public init() {}

  /// Writes the network's input, planar RGB `[3, height, width]` of values 0...1.
  ///
  /// What is gray stays gray: it is changed as one plane and repeated. The values of a source of the same size are
  /// copied bit by bit where nothing is resampled. `workspace` keeps scratch memory between images: pass the same one
  /// for every image of a thread.
  ///
  /// Throws `ImageError` when a JPEG cannot be made (sides above 65,500 pixels, or memory is short). Traps when a size is
  /// below 1, `output` has fewer than `3 * height * width` values, or quarter turns of an input that is not square are odd.
  public func apply(
    to source: AugmentationSource, width: Int, height: Int, into output: UnsafeMutableBufferPointer<Float>,
    using workspace: AugmentationWorkspace = AugmentationWorkspace()
  ) throws(ImageError) {
    precondition(width > 0 && height > 0, "the network's input is \(width) x \(height)")
    precondition(
      output.count >= 3 * width * height, "the output has room for \(output.count) of \(3 * width * height) values")
    guard let target = output.baseAddress else { return }
    let planes = PlaneBuffer(values: target, width: width, height: height, planes: source.planes)

    let map = geometry.map(
      width: width, height: height, sourceWidth: source.width, sourceHeight: source.height)
    workspace.withFloats(of: source) { values in
      PlaneResampling(map: map, sourceWidth: source.width, sourceHeight: source.height).run(values, into: planes)
    }
    tone.apply(to: planes)
    if let blur { workspace.withSpare(count: blur.spareCount(planes)) { blur.apply(to: planes, spare: $0) } }
    noise?.apply(to: planes)
    if let jpegQuality { try JPEGPassage.apply(to: planes, quality: jpegQuality) }
    cutOut?.apply(to: planes)

    for plane in planes.planes..<3 {
      (target + plane * planes.planeCount).update(from: target, count: planes.planeCount)
    }
  }
}
