import AssayBase
import Glibc

extension AugmentationPolicy {
  /// What happens to one image in one epoch, for an input of `width` x `height` pixels.
  public func draw(for key: AugmentationKey, width: Int, height: Int) -> Augmentation {
    var drawn = Augmentation()
    for rule in rules {
      var generator = key.generator(for: rule.operation)
      guard generator.unit() < rule.probability else { continue }
      drawn.add(rule, isSquare: width == height, from: &generator)
    }
    return drawn
  }
}

extension Augmentation {
  fileprivate mutating func add(_ rule: AugmentationRule, isSquare: Bool, from generator: inout SplitMix64) {
    func magnitude() -> Double { rule.drawMagnitude(from: &generator) }
    switch rule.operation {
    case .horizontalFlip: geometry.flipsHorizontally = true
    case .verticalFlip: geometry.flipsVertically = true
    case .quarterTurn: geometry.quarterTurns = isSquare ? 1 + generator.next(below: 3) : 2
    case .rotation: geometry.degrees = magnitude()
    case .scale: geometry.scale = magnitude()
    case .aspect: geometry.aspect = magnitude()
    case .shift:
      geometry.shiftX = magnitude()
      geometry.shiftY = magnitude()
    case .crop:
      geometry.cropShare = magnitude()
      geometry.cropX = generator.unit()
      geometry.cropY = generator.unit()
    case .brightness: tone.brightness = Float(magnitude())
    case .contrast: tone.contrast = Float(magnitude())
    case .gamma: tone.gamma = Float(magnitude())
    case .blur: blur = GaussianBlur(deviation: magnitude())
    case .noise: noise = PixelNoise(deviation: Float(magnitude()), seed: generator.next())
    case .jpeg: jpegQuality = Int(clamping: magnitude().rounded())
    case .cutOut:
      cutOut = CutOut(
        area: magnitude(), aspect: exp(generator.uniform(in: -log(2)...log(2))), x: generator.unit(),
        y: generator.unit())
    }
  }
}

extension AugmentationRule {
  /// A magnitude of the range: ratios uniform in their logarithm, all others uniform.
  fileprivate func drawMagnitude(from generator: inout SplitMix64) -> Double {
    guard let magnitude else { return 0 }
    guard operation.isRatio else { return generator.uniform(in: magnitude) }
    let ratio = exp(generator.uniform(in: log(magnitude.lowerBound)...log(magnitude.upperBound)))
    return min(max(ratio, magnitude.lowerBound), magnitude.upperBound)
  }
}
