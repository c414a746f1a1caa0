/// Gives the images of a batch, or what a frozen trunk makes of them.
public protocol BatchSource: Sendable {
  /// Numbers of one sample: `C * H * W` of the network's input.
  var inputCount: Int { get }
  /// Features of one sample that do not pass through the trained network; 0 when all do.
  var frozenCount: Int { get }

  /// Writes one training batch; called on another thread than the one that trains.
  /// - Parameters:
  ///   - samples: which ones; may hold one twice.
  ///   - epoch: 1 for the first.
  ///   - batch: number in the epoch.
  ///   - input: `[N, inputCount]`.
  ///   - frozen: `[N, frozenCount]`.
  /// - Returns: what each row shows.
  func fill(
    samples: [Int], epoch: Int, batch: Int, input: UnsafeMutableBufferPointer<Float>,
    frozen: UnsafeMutableBufferPointer<Float>
  ) throws -> [BatchRow]

  /// Writes samples as they will be judged: without augmentation.
  func fillPlain(
    samples: [Int], input: UnsafeMutableBufferPointer<Float>, frozen: UnsafeMutableBufferPointer<Float>) throws
}

/// A batch in memory.
final class PreparedBatch: @unchecked Sendable {
  // Handed from one thread to the other, never used by both.
  let input: UnsafeMutableBufferPointer<Float>
  let frozen: UnsafeMutableBufferPointer<Float>
  var rows: [BatchRow] = []
  var failure: (any Error)?

  init(batchSize: Int, source: any BatchSource) {
    input = .allocate(capacity: batchSize * source.inputCount)
    input.initialize(repeating: 0)
    frozen = .allocate(capacity: max(1, batchSize * source.frozenCount))
    frozen.initialize(repeating: 0)
  }

  deinit {
    input.deallocate()
    frozen.deallocate()
  }
}
