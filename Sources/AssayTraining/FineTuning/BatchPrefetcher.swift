import Dispatch

/// Prepares the next batch on another thread while the present one is trained on.
final class BatchPrefetcher {
  private let source: any BatchSource
  private let batches: [[Int]]
  private let epoch: Int
  private let queue = DispatchQueue(label: "batches")
  private var slots: [PreparedBatch]
  private var next: Int
  private var pending: DispatchSemaphore?

  /// - Parameter first: the batch to begin with.
  init(_ source: any BatchSource, batches: [[Int]], epoch: Int, first: Int, batchSize: Int) {
    self.source = source
    self.batches = batches
    self.epoch = epoch
    next = first
    slots = (0..<2).map { _ in PreparedBatch(batchSize: batchSize, source: source) }
    prepare()
  }

  private func prepare() {
    guard next < batches.count else { return }
    let (slot, samples, batch, source, epoch) = (slots[next % 2], batches[next], next, source, epoch)
    let done = DispatchSemaphore(value: 0)
    pending = done
    queue.async {
      ThreadTeam.free()
      do {
        slot.rows = try source.fill(
          samples: samples, epoch: epoch, batch: batch, input: slot.input, frozen: slot.frozen)
      } catch {
        slot.failure = error
      }
      done.signal()
    }
  }

  /// The next batch; valid until the call after the next one. Nil after the last.
  func take() throws -> PreparedBatch? {
    guard next < batches.count else { return nil }
    pending?.wait()
    let slot = slots[next % 2]
    if let failure = slot.failure { throw failure }
    next += 1
    prepare()
    return slot
  }

  /// Waits for what is under way.
  func finish() { queue.sync {} }
}
