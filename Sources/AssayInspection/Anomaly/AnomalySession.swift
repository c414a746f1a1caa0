import AssayImage
import AssayModel
import AssayRuntime
import Synchronization

/// One thread's way of reading images one after another, whole or in tiles.
package final class AnomalySession {
  private let request: InferenceRequest
  private let view: AnomalyView
  private let resampler = Resampler()

  package init(_ request: InferenceRequest, _ view: AnomalyView) {
    self.request = request
    self.view = view
  }

  /// - Throws: ``InspectionError`` when the network's answer is no number, `RuntimeError` when it fails.
  package func read(_ image: Image, name: String) throws -> AnomalyReading {
    guard let tiling = view.input.tiling else {
      let rule = view.input.preprocessing
      request.withInput { rule.apply(to: image, into: $0, using: resampler) }
      try request.run()
      return try AnomalyReading(request, view, placement: rule.plan(for: image), name: name)
    }
    let white = view.input.preprocessing.white(of: image)
    var stitcher = TileStitcher(view, tiling, width: image.width, height: image.height)
    for tile in tiling.tiles(width: image.width, height: image.height) {
      request.withInput { tiling.cut(tile, of: image, white: white, into: $0) }
      try request.run()
      try stitcher.add(tile, request, name: name)
    }
    return stitcher.finished()
  }
}

/// Reads many images on all cores.
package struct AnomalyReader: Sendable {
  private let network: Network
  private let view: AnomalyView
  private let maximumPixels: Int

  package init(network: Network, view: AnomalyView, maximumPixels: Int) {
    self.network = network
    self.view = view
    self.maximumPixels = maximumPixels
  }

  /// What was read of one image.
  package struct Read: Sendable {
    package let reading: AnomalyReading
    package let image: Image
    package let started: Double
  }

  /// - Parameter receive: called on worker threads, in any order, with the reading and the decoded photograph.
  package func read(
    _ paths: [String], receive: @escaping @Sendable (Int, Result<Read, InspectionError>) -> Void
  ) throws(RuntimeError) {
    let next = Atomic<Int>(0)
    let failure = Mutex<RuntimeError?>(nil)
    let options = view.input.decodingOptions(maximumPixels: maximumPixels)
    WorkerThreads.run(count: min(network.parallelRequests + 1, max(1, paths.count))) {
      do throws(RuntimeError) {
        let session = AnomalySession(try network.makeRequest(), view)
        while failure.withLock({ $0 == nil }) {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < paths.count else { return }
          let started = Clock.milliseconds
          do {
            let image = try ImageFile.read(path: paths[index], options: options)
            let reading = try session.read(image, name: paths[index])
            receive(index, .success(Read(reading: reading, image: image, started: started)))
          } catch {
            let error = InspectionError(error, name: paths[index])
            if case .runtime(let cause) = error { throw cause }
            receive(index, .failure(error))
          }
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
