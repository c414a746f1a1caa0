import AssayBase
public import AssayImage
package import AssayRuntime
import AssayWeights

/// One thread's way of inspecting images one after another.
public final class InspectionSession {
  /// How photographs are brought before the network.
  private enum Way {
    case whole(any PostProcessor)
    /// In tiles, whose answers are put together.
    case tiled(AnomalySession, AnomalyPostProcessor)
  }

  private let request: InferenceRequest
  private let preprocessing: Preprocessing
  private let way: Way
  private let options: DecodingOptions
  private let resampler = Resampler()

  package init(
    _ request: InferenceRequest, _ preprocessing: Preprocessing, _ processor: any PostProcessor, maximumPixels: Int
  ) {
    self.request = request
    self.preprocessing = preprocessing
    if let anomaly = processor as? AnomalyPostProcessor, anomaly.view.input.tiling != nil {
      way = .tiled(AnomalySession(request, anomaly.view), anomaly)
      options = anomaly.view.input.decodingOptions(maximumPixels: maximumPixels)
    } else {
      way = .whole(processor)
      options = preprocessing.decodingOptions(maximumPixels: maximumPixels)
    }
  }

  /// File to verdict.
  public func inspect(_ path: String) throws(InspectionError) -> Finding {
    let start = Clock.milliseconds
    do {
      return try look(path, try ImageFile.read(path: path, options: options), start)
    } catch {
      throw InspectionError(error, name: path)
    }
  }

  /// Encoded image in memory to verdict.
  /// - Parameters:
  ///   - name: for messages, and the finding's file.
  ///   - decoded: is shown the pixels before the network looks at them.
  public func inspect(
    _ bytes: [UInt8], name: String, decoded: (Image) -> Void = { _ in }
  ) throws(InspectionError) -> Finding {
    let start = Clock.milliseconds
    do {
      let image = try ImageFile.decode(bytes, name: name, options: options)
      decoded(image)
      return try look(name, image, start)
    } catch {
      throw InspectionError(error, name: name)
    }
  }

  /// Pixels in memory to verdict.
  /// - Parameter name: for messages, and the finding's file.
  public func inspect(_ image: Image, name: String) throws(InspectionError) -> Finding {
    do { return try look(name, image, Clock.milliseconds) } catch { throw InspectionError(error, name: name) }
  }

  /// The network's own input to verdict.
  /// - Parameter values: `[3, H, W]`, RGB, 0...1.
  /// - Returns: nil for a bundle that looks at photographs in tiles: one tile has no verdict.
  /// - Throws: ``InspectionError/input(name:position:value:)`` for what is no number: it can vanish inside of a network, and
  ///   the answer would look as if nothing were wrong.
  package func inspect(input values: [Float], name: String) throws(InspectionError) -> Finding? {
    let start = Clock.milliseconds
    let isFinite = values.withUnsafeBufferPointer { $0.areFinite }
    if !isFinite, let position = values.firstIndex(where: { !$0.isFinite }) {
      throw .input(name: name, position: position, value: values[position])
    }
    do {
      request.withInput { _ = $0.update(fromContentsOf: values.prefix($0.count)) }
      try request.run()
      guard case .whole(let processor) = way else { return nil }
      let image = preprocessing.photograph(ofInput: values)
      return try processor.finding(of: image, request, name: name, started: start)
    } catch {
      throw InspectionError(error, name: name)
    }
  }

  /// An output of the graph for the image inspected last; nil when there is none of that name.
  package func output(_ name: String) -> Tensor? {
    guard let shape = request.shape(name), let values = try? request.withOutput(name, { Array($0) }) else { return nil }
    return Tensor(shape: shape, values: values)
  }

  /// Reads an output of the image inspected last where it is, without copying.
  package func withOutput<Result>(_ name: String, _ body: (UnsafeBufferPointer<Float>) -> Result) -> Result? {
    request.shape(name) == nil ? nil : try? request.withOutput(name, body)
  }

  private func look(_ name: String, _ image: Image, _ start: Double) throws -> Finding {
    switch way {
    case .whole(let processor):
      request.withInput { preprocessing.apply(to: image, into: $0, using: resampler) }
      try request.run()
      return try processor.finding(of: image, request, name: name, started: start).noted(preprocessing)
    case .tiled(let session, let processor):
      return processor.finding(of: image, try session.read(image, name: name), name: name, started: start)
        .noted(preprocessing)
    }
  }
}

extension Preprocessing {
  /// The picture that a network's input shows.
  /// - Parameter values: `[3, H, W]`, 0...1; values outside are clamped.
  func photograph(ofInput values: [Float]) -> Image {
    let plane = width * height
    precondition(values.count == 3 * plane, "an input has \(3 * plane) values, not \(values.count)")
    let samples = [UInt8](unsafeUninitializedCapacity: 3 * plane) { buffer, initialized in
      for position in 0..<plane {
        for channel in 0..<3 {
          let value = values[channel * plane + position]
          buffer[3 * position + channel] = UInt8(clamping: (value * 255).rounded())
        }
      }
      initialized = 3 * plane
    }
    return Image(width: width, height: height, channels: 3, samples: .uint8(samples))
  }
}
