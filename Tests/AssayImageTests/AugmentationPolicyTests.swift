import AssayImage
import Foundation
import Testing

@Suite struct AugmentationPolicyTests {
  private let turning: Set<AugmentationOperation> = [.horizontalFlip, .verticalFlip, .quarterTurn]

  @Test func presetsHoldOnlyWhatTheyMay() throws {
    let surface = AugmentationPreset.surface.policy
    #expect(Set(surface.operations) == Set(AugmentationOperation.allCases).subtracting([.shift]))
    let oriented = AugmentationPreset.orientedPart.policy
    #expect(turning.union([.crop, .cutOut, .aspect]).isDisjoint(with: oriented.operations))
    #expect(AugmentationPreset.none.policy.operations.isEmpty)

    func magnitude(_ policy: AugmentationPolicy, _ operation: AugmentationOperation) throws -> ClosedRange<Double> {
      try #require(policy.rules.first { $0.operation == operation }?.magnitude)
    }
    #expect(try magnitude(oriented, .rotation) == -3...3)
    #expect(try magnitude(surface, .jpeg) == 40...90)
    // Nothing is reduced so far that bilinear interpolation would need antialiasing, nor enlarged beyond 1.4.
    let (scale, aspect) = (try magnitude(surface, .scale), try magnitude(surface, .aspect))
    #expect(scale.lowerBound / aspect.upperBound.squareRoot() > 0.8)
    #expect(try scale.upperBound * aspect.upperBound.squareRoot() / magnitude(surface, .crop).lowerBound < 1.4)
    #expect(try magnitude(surface, .cutOut).upperBound <= 0.03)
  }

  @Test func namesAreThoseOfTheCommandLineAndReports() {
    #expect(AugmentationPreset.allCases.map(\.rawValue) == ["surface", "oriented-part", "none"])
    #expect(
      AugmentationOperation.allCases.map(\.rawValue) == [
        "horizontal-flip", "vertical-flip", "quarter-turn", "rotation", "scale", "aspect", "shift", "crop",
        "brightness", "contrast", "gamma", "blur", "noise", "jpeg", "cut-out",
      ])
  }

  @Test func operationsCanBeRemoved() {
    let policy = AugmentationPreset.surface.policy
    #expect(policy.without(.gamma).operations == policy.operations.filter { $0 != .gamma })
    #expect(policy.without(.gamma, .jpeg).operations == policy.operations.filter { $0 != .gamma && $0 != .jpeg })
    #expect(policy.without(.shift) == policy)
    #expect(policy.alone(.gamma).rules == [AugmentationRule(.gamma, probability: 1, magnitude: 0.8...1.25)])
    #expect(policy.alone(.shift).rules.isEmpty)
  }

  /// Whatever the order of the rules, the order of application is the operations'.
  @Test func rulesAreOrdered() {
    let rules = AugmentationPreset.surface.policy.rules
    #expect(AugmentationPolicy(rules: rules.reversed()) == AugmentationPolicy(rules: rules))
  }

  /// Without one operation, all others happen exactly as before.
  @Test func removingOneLeavesTheOthers() {
    let policy = AugmentationPreset.surface.policy
    for image in 0..<200 as Range<UInt64> {
      let key = AugmentationKey(seed: 1, epoch: 2, image: image)
      var expected = policy.draw(for: key, width: 8, height: 8)
      expected.tone.gamma = 1
      expected.geometry.degrees = 0
      #expect(policy.without(.gamma, .rotation).draw(for: key, width: 8, height: 8) == expected)
    }
  }

  private func draws(_ policy: AugmentationPolicy, _ count: Int, width: Int = 8, height: Int = 8) -> [Augmentation] {
    (0..<count).map {
      policy.draw(
        for: AugmentationKey(seed: 11, epoch: $0 % 7, image: UInt64($0 / 7)), width: width, height: height)
    }
  }

  private func magnitude(_ operation: AugmentationOperation, of drawn: Augmentation) -> Double? {
    let (geometry, tone) = (drawn.geometry, drawn.tone)
    switch operation {
    case .horizontalFlip: return geometry.flipsHorizontally ? 1 : nil
    case .verticalFlip: return geometry.flipsVertically ? 1 : nil
    case .quarterTurn: return geometry.quarterTurns == 0 ? nil : Double(geometry.quarterTurns)
    case .rotation: return geometry.degrees == 0 ? nil : geometry.degrees
    case .scale: return geometry.scale == 1 ? nil : geometry.scale
    case .aspect: return geometry.aspect == 1 ? nil : geometry.aspect
    case .shift: return geometry.shiftX == 0 && geometry.shiftY == 0 ? nil : geometry.shiftX
    case .crop: return geometry.cropShare == 1 ? nil : geometry.cropShare
    case .brightness: return tone.brightness == 1 ? nil : Double(tone.brightness)
    case .contrast: return tone.contrast == 1 ? nil : Double(tone.contrast)
    case .gamma: return tone.gamma == 1 ? nil : Double(tone.gamma)
    case .blur: return drawn.blur?.deviation
    case .noise: return drawn.noise.map { Double($0.deviation) }
    case .jpeg: return drawn.jpegQuality.map(Double.init)
    case .cutOut: return drawn.cutOut?.area
    }
  }

  /// Each operation happens as often as its rule says, over the whole of its range, in the units of its rule; and those
  /// without a rule never.
  @Test(arguments: AugmentationPreset.allCases) func drawsFollowTheRules(_ preset: AugmentationPreset) throws {
    let policy = preset.policy
    let draws = draws(policy, 6000)
    for operation in AugmentationOperation.allCases {
      let magnitudes = draws.compactMap { magnitude(operation, of: $0) }
      guard let rule = policy.rules.first(where: { $0.operation == operation }) else {
        #expect(magnitudes.isEmpty, "\(operation)")
        continue
      }
      let p = rule.probability
      #expect(
        abs(Double(magnitudes.count) / 6000 - p) < 4 * (p * (1 - p) / 6000).squareRoot(), "\(operation)")
      let range = rule.magnitude ?? (operation == .quarterTurn ? 1...3 : 1...1)
      let slack = 1e-6 * max(abs(range.lowerBound), abs(range.upperBound))
      let (lowest, highest) = (try #require(magnitudes.min()), try #require(magnitudes.max()))
      #expect(lowest >= range.lowerBound - slack && highest <= range.upperBound + slack)
      let length = range.upperBound - range.lowerBound
      #expect(lowest <= range.lowerBound + 0.05 * length && highest >= range.upperBound - 0.05 * length)
      let middle = magnitudes.reduce(0, +) / Double(magnitudes.count)
      #expect(abs(middle - (range.lowerBound + range.upperBound) / 2) < 0.07 * length + slack, "\(operation)")
    }
  }

  /// Operations are independent of each other: those that happen half the time coincide a quarter of the time.
  @Test func operationsAreIndependent() {
    let draws = draws(AugmentationPreset.surface.policy, 6000)
    let half: [AugmentationOperation] = [
      .horizontalFlip, .verticalFlip, .rotation, .scale, .crop, .brightness, .contrast,
    ]
    for a in half {
      for b in half where a != b {
        let both = draws.count { magnitude(a, of: $0) != nil && magnitude(b, of: $0) != nil }
        #expect(abs(Double(both) / 6000 - 0.25) < 4.5 * (0.1875 / 6000).squareRoot(), "\(a) and \(b)")
      }
    }
  }

  /// A surface's eight positions are as likely as each other.
  @Test func everyPositionOfASurfaceIsAsLikely() throws {
    let policy = AugmentationPolicy(
      rules: AugmentationPreset.surface.policy.rules.filter { turning.contains($0.operation) })
    let values: [Float] = [0.1, 0.2, 0.3, 0.4]
    var counts: [[Float]: Int] = [:]
    for drawn in draws(policy, 4000) { counts[try drawn.plane(of: values, width: 2), default: 0] += 1 }
    #expect(counts.count == 8)
    #expect(counts.values.allSatisfy { abs(Double($0) - 500) < 4.5 * (500.0 * 0.875).squareRoot() })
  }

  @Test func oblongsAreNeverTurnedByNinetyDegrees() {
    let turns = draws(AugmentationPreset.surface.policy, 500, width: 9, height: 8).map(\.geometry.quarterTurns)
    #expect(Set(turns) == [0, 2])
  }

  /// Dark on the left and at the top, in every one of 600 images: none was mirrored or turned. As a check of the check, a
  /// surface is.
  @Test(arguments: [AugmentationPreset.orientedPart, .surface])
  func orientedPartsAreNeverMirrored(_ preset: AugmentationPreset) throws {
    let side = 24
    let values = (0..<side * side).map { (i: Int) -> Float in
      0.25 + Float(i % side + 2 * (i / side)) / Float(8 * side)
    }
    let source = AugmentationSource(
      planar: values + values + values, width: side, height: side, precision: .uint8)
    let augmenter = Augmenter(policy: preset.policy, seed: 8, width: side, height: side)
    var upright = 0
    for image in 0..<600 as Range<UInt64> {
      let output = try augmenter.input(from: source, epoch: 0, image: image)
      func mean(_ included: (_ x: Int, _ y: Int) -> Bool) -> Double {
        moments((0..<side * side).filter { included($0 % side, $0 / side) }.map { output[$0] }).mean
      }
      let across = mean { x, _ in x >= side / 2 } - mean { x, _ in x < side / 2 }
      let down = mean { _, y in y >= side / 2 } - mean { _, y in y < side / 2 }
      // Twice as steep downwards as across, as in the original.
      if across > 0 && down > 1.4 * across { upright += 1 }
    }
    #expect(preset == .orientedPart ? upright == 600 : upright < 300)
  }

  @Test(arguments: AugmentationPreset.allCases) func policiesAreStoredAsJSON(_ preset: AugmentationPreset) throws {
    let text = try JSONEncoder().encode(preset.policy)
    #expect(try JSONDecoder().decode(AugmentationPolicy.self, from: text) == preset.policy)
  }

  @Test(arguments: [
    #"{"rules":[{"operation":"gamma","probability":1.5,"magnitude":[0.8,1.25]}]}"#,
    #"{"rules":[{"operation":"gamma","probability":0.5}]}"#,
    #"{"rules":[{"operation":"gamma","probability":0.5,"magnitude":[0,1.25]}]}"#,
    #"{"rules":[{"operation":"gamma","probability":0.5,"magnitude":[1.25,0.8]}]}"#,
    #"{"rules":[{"operation":"vertical-flip","probability":0.5,"magnitude":[0,1]}]}"#,
    #"{"rules":[{"operation":"sharpen","probability":0.5}]}"#,
    #"{"rules":[{"operation":"vertical-flip","probability":0.5},{"operation":"vertical-flip","probability":0.1}]}"#,
  ])
  func damagedPoliciesAreRefused(_ text: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(AugmentationPolicy.self, from: Data(text.utf8)) }
  }
}
