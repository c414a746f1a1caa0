import AssayBase
package import AssayImage
package import AssayRuntime
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
  package let maximumPixels: Int
  /// Of photographs in tiles under way at the same time.
  private static let pixelsAtOnce = 64_000_000

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

  /// - Parameters:
  ///   - contents: an image's bytes, by its index; nil to read the file.
  ///   - receive: called on worker threads, in any order, with the reading and the decoded photograph.
  package func read(
    _ paths: [String], contents: (@Sendable (Int) throws(ImageError) -> [UInt8])? = nil,
    receive: @escaping @Sendable (Int, Result<Read, InspectionError>) -> Void
  ) throws(RuntimeError) {
    let failure = Mutex<RuntimeError?>(nil)
    let options = view.input.decodingOptions(maximumPixels: maximumPixels)
    let workers = min(network.parallelRequests + 1, max(1, paths.count))
    let order = WorkOrder(count: paths.count, ahead: 2 * workers)
    // A map of tiles is as large as its photograph; the others are small.
    let budget = view.input.tiling == nil ? nil : PixelBudget(Self.pixelsAtOnce)
    WorkerThreads.run(count: workers) {
      do throws(RuntimeError) {
        let session = AnomalySession(try network.makeRequest(), view)
        while let index = order.take() {
          defer { order.finish(index) }
          let started = Clock.milliseconds
          do {
            func look() throws {
              let image =
                try contents.map { try ImageFile.decode(try $0(index), name: paths[index], options: options) }
                ?? ImageFile.read(path: paths[index], options: options)
              let reading = try session.read(image, name: paths[index])
              receive(index, .success(Read(reading: reading, image: image, started: started)))
            }
            guard let budget else {
              try look()
              continue
            }
            let header = try ImageFile.header(path: paths[index], maximumPixels: maximumPixels)
            try budget.with(header.width * header.height, look)
          } catch {
            let error = InspectionError(error, name: paths[index])
            if case .runtime(let cause) = error { throw cause }
            receive(index, .failure(error))
          }
        }
      } catch {
        failure.withLock { $0 = $0 ?? error }
        order.stop()
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
