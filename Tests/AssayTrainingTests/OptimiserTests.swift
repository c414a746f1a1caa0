import AssayTraining
import Foundation
import Testing

/// Tensors with memory of their own.
final class TensorMemory {
  let tensors: [ParameterTensor]

  init(_ values: [[Float]]) {
    tensors = values.map {
      let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: $0.count)
      let gradient = UnsafeMutableBufferPointer<Float>.allocate(capacity: $0.count)
      _ = values.initialize(from: $0)
      gradient.initialize(repeating: 0)
      return ParameterTensor(values: values, gradient: gradient)
    }
  }

  deinit {
    for tensor in tensors {
      tensor.values.deallocate()
      tensor.gradient.deallocate()
    }
  }

  var values: [[Float]] { tensors.map { Array($0.values) } }
  var gradients: [[Float]] { tensors.map { Array($0.gradient) } }
  var buffers: [UnsafeMutableBufferPointer<Float>] { tensors.map(\.values) }

  func set(gradients: [[Float]]) {
    for (tensor, gradient) in zip(tensors, gradients) { _ = tensor.gradient.update(fromContentsOf: gradient) }
  }

  func set(values: [[Float]]) {
    for (tensor, values) in zip(tensors, values) { _ = tensor.values.update(fromContentsOf: values) }
  }
}

/// Two threads, the second half of the blocks first.
func onTwoThreads(_ count: Int, _ body: @Sendable (Range<Int>) -> Void) {
  DispatchQueue.concurrentPerform(iterations: 2) { part in
    if part == 0 { body(count / 2..<count) } else { body(0..<count / 2) }
  }
}

// PyTorch 2.15:
//   g = [[0.5, -0.25, 1.0, 0.0, -2.0], [0.1, 0.3, -1.0, 0.2, 1.5], [-0.7, 0.9, 0.05, -0.4, 0.6]]
//   def run(make):
//       p = torch.nn.Parameter(torch.tensor([1.0, -0.5, 0.25, 2.0, 0.0])); o = make([p])
//       for row in g: p.grad = torch.tensor(row); o.step(); print(['%.9g' % v for v in p.tolist()])
private let gradients: [[Float]] = [
  [0.5, -0.25, 1.0, 0.0, -2.0], [0.1, 0.3, -1.0, 0.2, 1.5], [-0.7, 0.9, 0.05, -0.4, 0.6],
]

@Suite struct OptimiserTests {
  private static let start: [Float] = [1, -0.5, 0.25, 2, 0]

  private func parameter(factor: Double = 1, decays: Bool = true) -> [OptimisedParameter] {
    [OptimisedParameter(name: "weight", count: 5, learningRateFactor: factor, decays: decays)]
  }

  private func run(_ optimiser: some Optimiser, rate: Double) -> [[Float]] {
    var optimiser = optimiser
    let memory = TensorMemory([Self.start])
    return gradients.map {
      memory.set(gradients: [$0])
      optimiser.step(memory.tensors, learningRate: rate)
      return memory.values[0]
    }
  }

  private func expect(_ own: [[Float]], _ reference: [[Float]]) {
    for (own, reference) in zip(own.joined(), reference.joined()) {
      #expect(abs(own - reference) <= 2e-7 * max(1, abs(reference)))
    }
  }

  // torch.optim.SGD(p, lr=0.1)
  @Test func plainGradientDescent() {
    expect(
      run(SGDMomentum(parameter(), settings: .init(momentum: 0)), rate: 0.1),
      [
        [0.949999988, -0.474999994, 0.150000006, 2.0, 0.200000003],
        [0.939999998, -0.504999995, 0.25, 1.98000002, 0.0500000007],
        [1.00999999, -0.594999969, 0.245000005, 2.01999998, -0.0100000026],
      ])
  }

  // torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01)
  @Test func momentum() {
    expect(
      run(SGDMomentum(parameter(), settings: .init(momentum: 0.9, weightDecay: 0.01)), rate: 0.1),
      [
        [0.949000001, -0.4745, 0.149749994, 1.99800003, 0.200000003],
        [0.892150998, -0.481075495, 0.159375235, 1.97420204, 0.229800001],
        [0.910094738, -0.576512396, 0.162878573, 1.99080968, 0.196390197],
      ])
  }

  // torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True)
  @Test func nesterov() {
    expect(
      run(SGDMomentum(parameter(), settings: .init(momentum: 0.9, weightDecay: 0.01, isNesterov: true)), rate: 0.1),
      [
        [0.903100014, -0.451550007, 0.0595249869, 1.99619997, 0.379999995],
        [0.841074109, -0.487037063, 0.168209389, 1.95278716, 0.256277978],
        [0.926465571, -0.662456453, 0.166259319, 2.00580192, 0.165783241],
      ])
  }

  // torch.optim.AdamW(p, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)
  @Test func adamW() {
    expect(
      run(AdamW(parameter(), settings: .init(weightDecay: 0.1)), rate: 0.01),
      [
        [0.989000022, -0.489500016, 0.239749998, 1.99800003, 0.00999999978],
        [0.979980648, -0.490439951, 0.240036562, 1.98856068, 0.0108832503],
        [0.980513334, -0.496250004, 0.239977241, 1.98971498, 0.0100517804],
      ])
  }

  // torch.optim.AdamW(p, lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0)
  @Test func adamWithOtherSettings() {
    expect(
      run(AdamW(parameter(), settings: .init(beta1: 0.8, beta2: 0.95, epsilon: 1e-3, weightDecay: 0)), rate: 0.05),
      [
        [0.950099826, -0.450199217, 0.200049967, 2.0, 0.0499750078],
        [0.911223948, -0.460199445, 0.205599979, 1.96147943, 0.0515511334],
        [0.923392713, -0.49490276, 0.208391726, 1.98007572, 0.0442738757],
      ])
  }

  /// As with PyTorch's parameter groups, the factor multiplies the rate wherever it stands, and a norm's decay is 0.
  @Test func factorAndDecayAreOfTheParameter() {
    let sgd = SGDMomentum.Settings(weightDecay: 0.3)
    #expect(
      run(SGDMomentum(parameter(factor: 0.25), settings: sgd), rate: 0.4)
        == run(SGDMomentum(parameter(), settings: sgd), rate: 0.1))
    #expect(
      run(SGDMomentum(parameter(decays: false), settings: sgd), rate: 0.1)
        == run(SGDMomentum(parameter()), rate: 0.1))
    let adam = AdamW.Settings(weightDecay: 0.3)
    #expect(
      run(AdamW(parameter(factor: 0.25), settings: adam), rate: 0.04)
        == run(AdamW(parameter(), settings: adam), rate: 0.01))
    #expect(
      run(AdamW(parameter(decays: false), settings: adam), rate: 0.01)
        == run(AdamW(parameter(), settings: .init(weightDecay: 0)), rate: 0.01))
    #expect(run(AdamW(parameter(factor: 0), settings: adam), rate: 0.01).allSatisfy { $0 == Self.start })
  }
}

@Suite struct TrainingStateTests {
  /// Several blocks, and lengths that no vector divides.
  private static let counts = [40_001, 3, 0, 1029]
  private static let parameters = counts.enumerated().map {
    OptimisedParameter(name: "p\($0)", count: $1, learningRateFactor: 1 / Double($0 + 1), decays: $0 != 1)
  }

  private static func noise(_ seed: Int) -> [[Float]] {
    var generator = SampleGenerator(seed: 5, path: seed)
    return counts.map { (0..<$0).map { _ in Float.random(in: -1...1, using: &generator) } }
  }

  private static let optimisers: [any Optimiser] = [
    SGDMomentum(parameters, settings: .init(weightDecay: 1e-3)),
    SGDMomentum(parameters, settings: .init(weightDecay: 1e-3, isNesterov: true)),
    AdamW(parameters),
  ]

  private func step(_ optimiser: inout any Optimiser, _ memory: TensorMemory, _ steps: Range<Int>) {
    for step in steps {
      memory.set(gradients: Self.noise(step))
      optimiser.step(memory.tensors, learningRate: 0.01 / Double(step + 1), parallel: onOneThread)
    }
  }

  @Test(arguments: 0..<3) func resumedTrainingGoesOnBitForBit(number: Int) throws {
    var through = Self.optimisers[number]
    let reference = TensorMemory(Self.noise(-1))
    step(&through, reference, 0..<5)

    var first = Self.optimisers[number]
    let before = TensorMemory(Self.noise(-1))
    step(&first, before, 0..<3)
    let saved = first.state.bytes
    var second = Self.optimisers[number]
    try second.restore(TrainingState(bytes: saved))
    let after = TensorMemory(before.values)
    #expect(second.steps == 3)
    step(&second, after, 3..<5)
    #expect(after.values == reference.values)
    #expect(second.state == through.state)

    // Without its state it would not.
    var forgetful = Self.optimisers[number]
    let other = TensorMemory(before.values)
    step(&forgetful, other, 3..<5)
    #expect(other.values != reference.values)
  }

  @Test(arguments: 0..<3) func threadsDoNotMatter(number: Int) {
    var (one, two) = (Self.optimisers[number], Self.optimisers[number])
    let (alone, divided) = (TensorMemory(Self.noise(-1)), TensorMemory(Self.noise(-1)))
    step(&one, alone, 0..<3)
    for step in 0..<3 {
      divided.set(gradients: Self.noise(step))
      two.step(divided.tensors, learningRate: 0.01 / Double(step + 1), parallel: onTwoThreads)
    }
    #expect(alone.values == divided.values)
    #expect(one.state == two.state)
  }

  @Test func foreignStatesAreRefused() throws {
    let parameters = [OptimisedParameter(name: "a", count: 2, decays: true)]
    var adam = AdamW(parameters)
    #expect(throws: TrainingStateError(cause: "it is of \"sgd-momentum\", not of \"adamw\"")) {
      try adam.restore(SGDMomentum(parameters).state)
    }
    let larger = AdamW([OptimisedParameter(name: "a", count: 3, decays: true)])
    #expect(throws: TrainingStateError(cause: "it is for buffers of [3, 3] elements, not of [2, 2]")) {
      try adam.restore(larger.state)
    }
  }

  @Test func damagedBytesAreRefused() throws {
    let state = AdamW([OptimisedParameter(name: "a", count: 2, decays: true)]).state
    let bytes = state.bytes
    // Magic, name, steps, buffers: 8 + (8 + 5) + 8 + 8 + 2 (8 + 2 * 4) bytes.
    #expect(bytes.count == 69)
    #expect(try TrainingState(bytes: bytes) == state)
    for length in bytes.indices {
      #expect(throws: TrainingStateError.self) { try TrainingState(bytes: Array(bytes[..<length])) }
    }
    #expect(throws: TrainingStateError(cause: "1 bytes follow its end")) { try TrainingState(bytes: bytes + [0]) }
    // Sizes that memory has not: of the name, of the number of buffers, of a buffer.
    for offset in [8, 29, 37] {
      for top in [UInt8(0x20), 0x7F, 0xFF] {
        var damaged = bytes
        damaged[offset + 7] = top
        #expect(throws: TrainingStateError.self) { try TrainingState(bytes: damaged) }
      }
    }
  }
}

@Suite struct GradientClippingTests {
  // a = torch.nn.Parameter(torch.zeros(2)); b = torch.nn.Parameter(torch.zeros(1))
  // a.grad = torch.tensor([3., 0.]); b.grad = torch.tensor([-4.])
  // torch.nn.utils.clip_grad_norm_([a, b], 2.0)  -> 5, [1.1999998, 0.0], [-1.5999997]
  @Test func clipsToTheGlobalNorm() throws {
    let memory = TensorMemory([[0, 0], [0]])
    memory.set(gradients: [[3, 0], [-4]])
    #expect(try GradientClipping(maximumNorm: 2).clip(memory.tensors) == 5)
    for (own, reference) in zip(memory.gradients.joined(), [1.19999981, 0, -1.59999967] as [Float]) {
      #expect(abs(own - reference) < 2e-7)
    }
  }

  @Test func smallGradientsStay() throws {
    let memory = TensorMemory([[0, 0], [0]])
    memory.set(gradients: [[3, 0], [-4]])
    #expect(try GradientClipping(maximumNorm: 5.1).clip(memory.tensors) == 5)
    #expect(memory.gradients == [[3, 0], [-4]])
    #expect(try GradientClipping(maximumNorm: .infinity).clip(memory.tensors) == 5)
    #expect(memory.gradients == [[3, 0], [-4]])
  }

  /// 1² + 2² + ... + 19² = 2470, and 200² ones; whichever way the work is divided.
  @Test func sumsOverAllElements() throws {
    let memory = TensorMemory([[Float](repeating: 0, count: 19), [Float](repeating: 0, count: 40_000)])
    memory.set(gradients: [(1...19).map(Float.init), [Float](repeating: -1, count: 40_000)])
    let norm = (2470.0 + 40_000).squareRoot()
    #expect(try GradientClipping(maximumNorm: 1e9).clip(memory.tensors) == norm)
    #expect(try GradientClipping(maximumNorm: norm / 2).clip(memory.tensors, parallel: onTwoThreads) == norm)
    for (index, own) in memory.gradients[0].enumerated() { #expect(abs(own - Float(index + 1) / 2) < 1e-5) }
    #expect(memory.gradients[1].allSatisfy { abs($0 + 0.5) < 1e-6 })
  }

  @Test func largeIsNotInfinite() throws {
    let memory = TensorMemory([[0, 0]])
    memory.set(gradients: [[3e38, -3e38]])
    let norm = try GradientClipping(maximumNorm: .infinity).clip(memory.tensors)
    #expect(abs(norm / (3e38 * 2.0.squareRoot()) - 1) < 1e-7)
  }

  @Test(arguments: [Float.infinity, -.infinity, .nan]) func nonFiniteGradientsAreNamedAndKept(bad: Float) {
    let memory = TensorMemory([[0, 0], [], [0, 0], [0]])
    memory.set(gradients: [[3, 0], [], [4, bad], [bad]])
    #expect(throws: NonFiniteGradient(tensor: 2)) { try GradientClipping(maximumNorm: 1).clip(memory.tensors) }
    #expect(memory.gradients[0] == [3, 0] && memory.gradients[2][0] == 4)
  }
}

@Suite struct ExponentialMovingAverageTests {
  /// From 1 to constant values c the average is c + (1 - c) d1 d2 d3, here with d = 2/11, 3/12, 4/13.
  @Test func rampHasAClosedForm() {
    let memory = TensorMemory([[1, 1], [1]])
    var average = ExponentialMovingAverage(memory.buffers, decay: 0.9999)
    memory.set(values: [[3, -1], [0]])
    for _ in 0..<3 { average.update(memory.buffers) }
    average.swap(memory.buffers)
    let left = Float(2.0 / 11 * 3 / 12 * 4 / 13)
    for (own, c) in zip(memory.values.joined(), [3, -1, 0] as [Float]) {
      #expect(abs(own - (c + (1 - c) * left)) < 1e-6)
    }
  }

  /// d = 2/11 < 0.2, then 0.2: (1 -> 2, 5) gives 2 - 2/11 = 20/11, then 0.2 * 20/11 + 0.8 * 5.
  @Test func decayLimitsTheRamp() {
    let memory = TensorMemory([[1]])
    var average = ExponentialMovingAverage(memory.buffers, decay: 0.2)
    memory.set(values: [[2]])
    average.update(memory.buffers)
    memory.set(values: [[5]])
    average.update(memory.buffers)
    average.swap(memory.buffers)
    #expect(abs(memory.values[0][0] - Float(0.2 * 20 / 11 + 4)) < 1e-6)
  }

  @Test func swappingTwiceChangesNothing() {
    let memory = TensorMemory([[1, 2, 3]])
    var average = ExponentialMovingAverage(memory.buffers, decay: 0.5)
    memory.set(values: [[4, 5, 6]])
    average.update(memory.buffers)
    let state = average.state
    average.swap(memory.buffers)
    #expect(average.isSwappedIn && memory.values != [[4, 5, 6]])
    average.swap(memory.buffers, parallel: onTwoThreads)
    #expect(!average.isSwappedIn && memory.values == [[4, 5, 6]])
    #expect(average.state == state)
  }

  @Test func resumedAverageGoesOnBitForBit() throws {
    let memory = TensorMemory([[0.1, 0.7]])
    var through = ExponentialMovingAverage(memory.buffers, decay: 0.9)
    for step in 0..<4 {
      memory.set(values: [[Float(step) / 3, 1 / Float(step + 1)]])
      through.update(memory.buffers)
    }
    let saved = through.state.bytes
    var resumed = ExponentialMovingAverage(memory.buffers, decay: 0.9)
    try resumed.restore(TrainingState(bytes: saved))
    memory.set(values: [[9.1, -2.3]])
    through.update(memory.buffers)
    resumed.update(memory.buffers, parallel: onTwoThreads)
    #expect(resumed.state == through.state && resumed.updates == 5)
    #expect(throws: TrainingStateError.self) {
      try resumed.restore(AdamW([OptimisedParameter(name: "a", count: 2, decays: true)]).state)
    }
  }
}
