/// An average of the parameters over the last steps (Polyak and Juditsky 1992), which classifies better than the last
/// values do. Pass the running means and variances of batch normalisation as well; they belong to the values.
///
/// Update t, from 1 on, moves the average by 1 - min(decay, (1 + t) / (10 + t)) of the way to the values, so that the start
/// is soon forgotten.
public struct ExponentialMovingAverage: Sendable {
  /// 0..<1; 1 / (1 - decay) is about the number of steps averaged over.
  public let decay: Double
  public private(set) var updates = 0
  /// Whether the tensors hold the average, and this the values.
  public private(set) var isSwappedIn = false
  private let blocks: ParameterBlocks
  private var average: [Float]

  /// Starts from the present values.
  public init(_ tensors: [UnsafeMutableBufferPointer<Float>], decay: Double) {
    precondition((0..<1).contains(decay), "a decay of \(decay)")
    self.decay = decay
    blocks = ParameterBlocks(tensors.map(\.count))
    average = []
    average.reserveCapacity(blocks.total)
    for tensor in tensors { average.append(contentsOf: tensor) }
  }

  /// To be called after each step.
  public mutating func update(
    _ tensors: [UnsafeMutableBufferPointer<Float>], parallel: WorkDivision = onOneThread
  ) {
    precondition(!isSwappedIn, "the average is swapped in")
    updates += 1
    let share = Float(1 - min(decay, Double(1 + updates) / Double(10 + updates)))
    forEachBlock(tensors, parallel) { average, values, count in
      for index in 0..<count { average[index] += share * (values[index] - average[index]) }
    }
  }

  /// Exchanges values and average: once before a validation, once more after it.
  public mutating func swap(_ tensors: [UnsafeMutableBufferPointer<Float>], parallel: WorkDivision = onOneThread) {
    isSwappedIn.toggle()
    forEachBlock(tensors, parallel) { average, values, count in
      for index in 0..<count { (average[index], values[index]) = (values[index], average[index]) }
    }
  }

  private mutating func forEachBlock(
    _ tensors: [UnsafeMutableBufferPointer<Float>], _ parallel: WorkDivision,
    _ body: @escaping @Sendable (UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) {
    precondition(tensors.map(\.count) == blocks.counts, "the average is of other tensors")
    let values = tensors.map(DividedMemory.init)
    let blocks = blocks
    average.withUnsafeMutableBufferPointer { average in
      let average = DividedMemory(average)
      blocks.forEach(parallel) { _, block in
        body(average.at(block.offset), values[block.tensor].at(block.start), block.count)
      }
    }
  }

  private static let kind = "exponential-moving-average"

  /// - Precondition: the average is not swapped in.
  public var state: TrainingState {
    precondition(!isSwappedIn, "the average is swapped in")
    return TrainingState(kind: Self.kind, steps: updates, buffers: [average])
  }

  /// - Throws: ``TrainingStateError`` when the state is of another kind or size.
  public mutating func restore(_ state: TrainingState) throws(TrainingStateError) {
    try state.check(kind: Self.kind, counts: [blocks.total])
    updates = state.steps
    average = state.buffers[0]
    isSwappedIn = false
  }
}
