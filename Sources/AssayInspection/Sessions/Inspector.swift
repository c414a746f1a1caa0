import AssayBase
public import AssayBundle
import AssayGraph
public import AssayImage
public import AssayRuntime
import Synchronization

/// A trained bundle, ready to look at images.
public final class Inspector: Sendable {
  public let bundle: ModelBundle
  private let processor: any PostProcessor
  private let network: Network
  private let maximumPixels: Int

  public var manifest: Manifest { bundle.manifest }
  /// How parts are judged.
  public var rule: DecisionRule { manifest.rule }

  /// - Parameters:
  ///   - mode: `latency` for one image at a time, `throughput` for folders.
  ///   - engines: what runs the graph.
  /// - Throws: `BundleError` for a bundle that is not whole, or whose graph and manifest do not belong together,
  ///   `RuntimeError` when the graph cannot be loaded.
  public convenience init(
    path: String, mode: ExecutionMode, maximumPixels: Int = DecodingOptions().maximumPixels,
    engines: Engines = .automatic
  ) throws {
    let bundle = try ModelBundle(path: path)
    try self.init(
      bundle, model: bundle.contents(ModelBundle.modelName), mode: mode, maximumPixels: maximumPixels, engines: engines)
  }

  package init(
    _ bundle: ModelBundle, model: [UInt8], mode: ExecutionMode, maximumPixels: Int, engines: Engines
  ) throws {
    self.bundle = bundle
    self.maximumPixels = maximumPixels
    let rule = bundle.manifest.preprocessing
    let names: [String]
    do {
      let graph = try ONNXModel(bytes: model, source: bundle.path)
      try graph.checkFiniteWeights(source: bundle.path)
      names = graph.outputs.map(\.name)
    } catch {
      throw BundleError(
        path: bundle.path, reason: .damaged, cause: "its model.onnx cannot be used: \(error.cause)",
        remedy: "restore it from a copy or train it again")
    }
    do throws(RuntimeError) {
      network = try Network(
        onnx: model, inputShape: [1, 3, rule.height, rule.width], mode: mode, engines: engines, outputNames: names)
    } catch {
      throw error.naming("\(bundle.path)/\(ModelBundle.modelName)")
    }
    do {
      processor = try bundle.manifest.kind.postProcessor(bundle.manifest, GraphOutputs(network))
    } catch {
      throw BundleError(
        path: bundle.path, reason: .damaged, cause: "graph and manifest do not belong together: \(error)",
        remedy: "restore it from a copy or train it again")
    }
  }

  /// One image, as fast as possible.
  public func makeSession() throws(RuntimeError) -> InspectionSession {
    InspectionSession(
      try network.makeRequest(), manifest.preprocessing, processor, maximumPixels: maximumPixels)
  }

  /// The graph, for those who read other outputs of it than the verdict's.
  package var graph: Network { network }

  /// Name of what runs the graph.
  package var engine: String { network.engine }

  /// What the graph answers, in its order; shapes for one image.
  package var outputs: [(name: String, shape: [Int])] { network.outputs }

  /// Many images, on all cores; blocks until the last one.
  /// - Parameter receive: called in the order of the paths, one call at a time, from worker threads.
  public func inspect(
    _ paths: [String], receive: @escaping @Sendable (Int, Result<Finding, InspectionError>) -> Void
  ) throws(RuntimeError) {
    let queue = OrderedDelivery(receive)
    let rule = manifest.preprocessing
    if let anomaly = processor as? AnomalyPostProcessor {
      let reader = AnomalyReader(network: network, view: anomaly.view, maximumPixels: maximumPixels)
      return try reader.read(paths) { index, result in
        queue.deliver(
          index,
          result.map {
            anomaly.finding(of: $0.image, $0.reading, name: paths[index], started: $0.started).noted(rule)
          })
      }
    }
    let started = Mutex<[Int: Double]>([:])
    let processor = processor
    let options = rule.decodingOptions(maximumPixels: maximumPixels)
    try InferencePipeline(network, rule).run(
      count: paths.count,
      load: { (index) throws(ImageError) in
        started.withLock { $0[index] = Clock.milliseconds }
        return try ImageFile.read(path: paths[index], options: options)
      },
      finish: { index, outcome in
        let start = started.withLock { $0.removeValue(forKey: index) } ?? Clock.milliseconds
        let path = paths[index]
        switch outcome {
        case .failed(let error): queue.deliver(index, .failure(.image(error)))
        case .inferred(let request, let image):
          do {
            let finding = try processor.finding(of: image, request, name: path, started: start)
            queue.deliver(index, .success(finding.noted(rule)))
          } catch {
            queue.deliver(index, .failure(InspectionError(error, name: path)))
          }
        }
      })
  }
}
