import AssayBase
public import AssayImage
import Foundation
import Synchronization

/// Runs a network over many images: each worker decodes, resamples and infers in turn, so that one image is decoded while
/// the network runs on another, and memory stays bounded by one image a worker.
public struct InferencePipeline: Sendable {
  /// What became of one item.
  public enum Outcome {
    /// The request holds this item's outputs until the callback returns.
    case inferred(InferenceRequest, Image)
    case failed(ImageError)
  }

  private let network: Network
  private let preprocessing: Preprocessing

  public init(_ network: Network, _ preprocessing: Preprocessing) {
    self.network = network
    self.preprocessing = preprocessing
  }

  /// Blocks until all items are done.
  /// - Parameters:
  ///   - load: gives the image of an item, or nil to skip it; called on any of the worker threads.
  ///   - finish: receives each outcome on the worker thread; items finish out of order.
  /// - Throws: the first ``RuntimeError``; work stops then.
  public func run(
    count: Int,
    load: @escaping @Sendable (Int) throws(ImageError) -> Image?,
    finish: @escaping @Sendable (Int, Outcome) -> Void
  ) throws(RuntimeError) {
    // One more than the network runs at once, so that it never waits for a decoder.
    let workers = min(network.parallelRequests + 1, max(count, 1))
    let order = WorkOrder(count: count, ahead: 4 * workers)
    let failure = Mutex<RuntimeError?>(nil)
    let network = network
    let preprocessing = preprocessing
    @Sendable func work() {
      do throws(RuntimeError) {
        let request = try network.makeRequest()
        let resampler = Resampler()
        while let index = order.take() {
          defer { order.finish(index) }
          let image: Image?
          do throws(ImageError) { image = try load(index) } catch {
            finish(index, .failed(error))
            continue
          }
          guard let image else { continue }
          request.withInput { preprocessing.apply(to: image, into: $0, using: resampler) }
          try request.run()
          finish(index, .inferred(request, image))
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
        order.stop()
      }
    }
    WorkerThreads.run(count: workers, work)
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
