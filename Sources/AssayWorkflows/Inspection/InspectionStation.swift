import AssayImage
import AssayModel
import AssayRuntime

/// One thread's way of inspecting images one after another.
public final class InspectionStation {
  enum Way {
    case classes(Decider)
    case distances(AnomalyStation, AnomalyDecider)
  }

  private let request: InferenceRequest
  private let preprocessing: Preprocessing
  private let way: Way
  private let options: DecodingOptions
  private let resampler = Resampler()

  init(_ request: InferenceRequest, _ preprocessing: Preprocessing, _ way: Way, maximumPixels: Int) {
    self.request = request
    self.preprocessing = preprocessing
    self.way = way
    options =
      switch way {
      case .classes: preprocessing.decodingOptions(maximumPixels: maximumPixels)
      case .distances(_, let decider): decider.view.input.decodingOptions(maximumPixels: maximumPixels)
      }
  }

  /// File to verdict.
  public func inspect(_ path: String) throws(WorkflowError) -> Inspector.Finding {
    let start = Clock.milliseconds
    do {
      return try look(path, try ImageFile.read(path: path, options: options), start)
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Encoded image in memory to verdict.
  /// - Parameters:
  ///   - name: for messages, and the finding's file.
  ///   - decoded: is shown the pixels before the network looks at them.
  /// - Throws: `ImageError` for an image that cannot be used, `RuntimeError` when the network fails.
  package func inspect(
    _ bytes: [UInt8], name: String, decoded: (Image) -> Void = { _ in }
  ) throws -> Inspector.Finding {
    let start = Clock.milliseconds
    let image = try ImageFile.decode(bytes, name: name, options: options)
    decoded(image)
    return try look(name, image, start)
  }

  /// The network's own input to verdict.
  /// - Parameter values: `[3, H, W]`, RGB, 0...1.
  /// - Returns: nil for a bundle that looks at photographs in tiles: one tile has no verdict.
  package func inspect(input values: [Float], name: String) throws -> Inspector.Finding? {
    let start = Clock.milliseconds
    request.withInput { _ = $0.update(fromContentsOf: values.prefix($0.count)) }
    try request.run()
    let image = preprocessing.photograph(ofInput: values)
    switch way {
    case .classes(let decider): return decider.finding(name, image, preprocessing, request, started: start)
    case .distances(_, let decider):
      guard decider.view.input.tiling == nil else { return nil }
      let reading = try AnomalyStation.whole(request, decider.view, placement: preprocessing.plan(for: image))
      return decider.finding(name, image, reading, started: start)
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

  private func look(_ name: String, _ image: Image, _ start: Double) throws -> Inspector.Finding {
    switch way {
    case .classes(let decider):
      request.withInput { preprocessing.apply(to: image, into: $0, using: resampler) }
      try request.run()
      return decider.finding(name, image, preprocessing, request, started: start)
    case .distances(let station, let decider):
      return decider.finding(name, image, try station.read(image), started: start)
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
          buffer[3 * position + channel] = value.isNaN ? 0 : UInt8((min(max(value, 0), 1) * 255).rounded())
        }
      }
      initialized = 3 * plane
    }
    return Image(width: width, height: height, channels: 3, samples: .uint8(samples))
  }
}
