import AssayTraining
import CKernels
import Testing

/// Winograd's algorithm against the definition of a convolution in double precision, on images that no tile fits.
@Suite struct WinogradTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let batch, inputs, outputs, height, width: Int
    var pad = 1
    var activation: String?

    var testDescription: String {
      "\(batch) x \(inputs) to \(outputs), \(height) x \(width), pad \(pad) \(activation ?? "")"
    }

    var sketch: GraphSketch {
      GraphSketch(testDescription, input: [batch, inputs, height, width]) { pen, x in
        let y = pen.convolution(
          x, inputs: inputs, outputs: outputs, kernel: [3, 3], pads: [pad, pad, pad, pad], bias: activation != nil)
        switch activation {
        case "relu": return pen.node("Relu", [y])
        case "relu6": return pen.node("Clip", [y, pen.constant("low", [0]), pen.constant("high", [6])])
        default: return y
        }
      }
    }
  }

  /// Even and odd numbers of blocks, whether of 8 or 16 channels; 512 to 512 has weights too large for the cache.
  static let cases = [
    Case(batch: 1, inputs: 16, outputs: 16, height: 5, width: 7),
    Case(batch: 3, inputs: 32, outputs: 48, height: 6, width: 10, activation: "relu"),
    Case(batch: 2, inputs: 48, outputs: 16, height: 14, width: 14, activation: "relu6"),
    Case(batch: 2, inputs: 16, outputs: 32, height: 7, width: 7, activation: "relu"),
    Case(batch: 2, inputs: 32, outputs: 16, height: 9, width: 6, pad: 0),
    Case(batch: 1, inputs: 16, outputs: 16, height: 3, width: 3, pad: 0, activation: "relu"),
    Case(batch: 1, inputs: 16, outputs: 16, height: 1, width: 2),
    Case(batch: 3, inputs: 16, outputs: 16, height: 29, width: 31, activation: "relu"),
    Case(batch: 1, inputs: 512, outputs: 512, height: 7, width: 7),
  ]

  struct Results: Equatable {
    var output: [Float]
    var input: [Float]
    var parameters: [[Float]]
  }

  private static func run(_ sketch: GraphSketch, _ use: WinogradUse, threads: Int = 2) throws -> Results {
    var options = TrainingNetwork.Options(normalization: .frozen, needsInputGradient: true, threads: threads)
    options.winograd = use
    let network = try TrainingNetwork(
      sketch.model, input: "x", inputShape: sketch.batch.shape, outputs: [sketch.output], options: options)
    var output: [Float] = []
    // Nothing may be left of an earlier iteration. The output's memory is used again on the way back.
    for _ in 0..<2 {
      network.withInput { _ = $0.update(fromContentsOf: sketch.batch.values.map { Float($0) }) }
      network.forward()
      output = try #require(network.output(sketch.output)).values
      try #require(network.outputGradient(sketch.output)).set(coefficients(output.count).map { Float($0) })
      network.backward()
    }
    return Results(
      output: output, input: try #require(network.gradientOfInput()),
      parameters: network.parameters.map { Array($0.gradient) })
  }

  /// The output's gradient.
  private static func coefficients(_ count: Int) -> [Double] {
    var random = SketchRandom(seed: 3)
    return random.values(count).map(Double.init)
  }

  /// The four results by definition; `weights` are `[O, C, 3, 3]`.
  private static func definition(
    _ own: Case, x: [Double], weights: [Double], bias: [Double]?
  ) -> (output: [Double], input: [Double], weights: [Double], bias: [Double]) {
    let (height, width) = (own.height + 2 * own.pad - 2, own.width + 2 * own.pad - 2)
    let plane = height * width
    var output = [Double](repeating: 0, count: own.batch * own.outputs * plane)
    let count = output.count
    let limit = own.activation == "relu6" ? 6.0 : .infinity
    var input = [Double](repeating: 0, count: x.count)
    var gradient = [Double](repeating: 0, count: weights.count)
    var biasGradient = [Double](repeating: 0, count: own.outputs)
    let given = coefficients(count)
    for image in 0..<own.batch {
      for o in 0..<own.outputs {
        for row in 0..<height {
          for column in 0..<width {
            let place = ((image * own.outputs + o) * height + row) * width + column
            func eachTap(_ body: (_ source: Int, _ tap: Int) -> Void) {
              for c in 0..<own.inputs {
                for ky in 0..<3 where (0..<own.height).contains(row + ky - own.pad) {
                  for kx in 0..<3 where (0..<own.width).contains(column + kx - own.pad) {
                    let line = (image * own.inputs + c) * own.height + row + ky - own.pad
                    body(line * own.width + column + kx - own.pad, ((o * own.inputs + c) * 3 + ky) * 3 + kx)
                  }
                }
              }
            }
            var sum = bias?[o] ?? 0
            eachTap { sum += x[$0] * weights[$1] }
            output[place] = own.activation == nil ? sum : min(max(sum, 0), limit)
            guard own.activation == nil || (sum > 0 && sum < limit) else { continue }
            let g = given[place]
            biasGradient[o] += g
            eachTap {
              input[$0] += g * weights[$1]
              gradient[$1] += g * x[$0]
            }
          }
        }
      }
    }
    return (output, input, gradient, biasGradient)
  }

  @Test(arguments: cases) func agreesWithTheDefinition(_ own: Case) throws {
    let sketch = own.sketch
    let results = try Self.run(sketch, .everywhere)
    let network = try TrainingNetwork(
      sketch.model, input: "x", inputShape: sketch.batch.shape, outputs: [sketch.output], options: .init(threads: 1))
    let parameters = network.parameters.map { $0.values.map(Double.init) }
    let bias = parameters.count > 1 ? parameters[1] : nil
    let expected = Self.definition(own, x: sketch.batch.values, weights: parameters[0], bias: bias)
    #expect(relativeError(of: results.output, against: expected.output) < 2e-5)
    #expect(relativeError(of: results.input, against: expected.input) < 2e-5)
    #expect(relativeError(of: results.parameters[0], against: expected.weights) < 2e-5)
    if bias != nil { #expect(relativeError(of: results.parameters[1], against: expected.bias) < 2e-5) }
  }

  /// Without this, the tests above might compare oneDNN's convolution with the definition.
  @Test func isAnotherAlgorithmThanTheDirectOne() throws {
    let sketch = Self.cases[1].sketch
    let (direct, winograd) = (try Self.run(sketch, .never), try Self.run(sketch, .everywhere))
    #expect(direct.output != winograd.output)
    #expect(direct.input != winograd.input)
    #expect(direct.parameters[0] != winograd.parameters[0])
  }

  @Test(arguments: [Self.cases[1], Self.cases[7], Self.cases[8]])
  func threadsDoNotChangeTheResult(_ own: Case) throws {
    let sketch = own.sketch
    let one = try Self.run(sketch, .everywhere, threads: 1)
    for threads in [2, 3] { #expect(try Self.run(sketch, .everywhere, threads: threads) == one) }
  }
}

/// The stages of Winograd's algorithm alone, in the instruction sets that this processor has.
@Suite struct WinogradKernelTests {
  typealias Matrix = [[Double]]

  // F(4 x 4, 3 x 3) of Lavin and Gray (2016), equation 14 of arXiv:1509.09308v2 and above it.
  private static let inputTransform: Matrix = [
    [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
  ]
  private static let weightTransform: Matrix = [
    [1 / 4, 0, 0], [-1 / 6, -1 / 6, -1 / 6], [-1 / 6, 1 / 6, -1 / 6], [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6], [0, 0, 1],
  ]
  private static let outputTransform: Matrix = [
    [1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1],
  ]

  private static func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    a.map { row in b[0].indices.map { column in zip(row, b).reduce(0) { $0 + $1.0 * $1.1[column] } } }
  }

  private static func transposed(_ a: Matrix) -> Matrix { a[0].indices.map { column in a.map { $0[column] } } }

  /// `a x a^T`
  private static func both(_ a: Matrix, _ x: Matrix) -> Matrix { product(product(a, x), transposed(a)) }

  private static func kernels() -> [assay_winograd] {
    [8, 16].compactMap { assay_winograd_for_block($0)?.pointee }
  }

  /// Whole numbers, for which the transforms of images are exact.
  private static func whole(_ count: Int, seed: UInt64) -> [Float] {
    var random = SketchRandom(seed: seed)
    return random.values(count, in: -9...9).map { $0.rounded() }
  }

  private static func square(_ values: [Float], side: Int, block: Int, lane: Int) -> Matrix {
    (0..<side).map { row in (0..<side).map { Double(values[(row * side + $0) * block + lane]) } }
  }

  /// One 6 x 6 image without padding is one tile.
  private static func tiling(_ side: Int) -> assay_tiling {
    assay_tiling(height: Int32(side), width: Int32(side), rows: 1, columns: 1, pad: 0, image: 0)
  }

  @Test func transformsAreThoseOfThePaper() {
    for kernels in Self.kernels() {
      let block = Int(kernels.block)
      var (large, small) = (Self.tiling(6), Self.tiling(4))
      var result = [Float](repeating: 0, count: 36 * block)
      let input = Self.whole(36 * block, seed: 1)
      kernels.input(input, &large, 0, 1, &result, block)
      for lane in 0..<block {
        #expect(
          Self.square(result, side: 6, block: block, lane: lane)
            == Self.both(Self.inputTransform, Self.square(input, side: 6, block: block, lane: lane)))
      }
      let gradient = Self.whole(16 * block, seed: 2)
      kernels.gradient(gradient, &small, 0, 1, &result, block)
      for lane in 0..<block {
        #expect(
          Self.square(result, side: 6, block: block, lane: lane)
            == Self.both(
              Self.transposed(Self.outputTransform), Self.square(gradient, side: 4, block: block, lane: lane)))
      }
      var output = [Float](repeating: 0, count: 16 * block)
      kernels.output(input, block, &small, 0, 1, nil, 0, &output)
      for lane in 0..<block {
        #expect(
          Self.square(output, side: 4, block: block, lane: lane)
            == Self.both(Self.outputTransform, Self.square(input, side: 6, block: block, lane: lane)))
      }
    }
  }

  @Test func transformsOfWeightsAreThoseOfThePaperToo() {
    for kernels in Self.kernels() {
      let block = Int(kernels.block)
      // Lanes nine floats apart, as they lie in a row-major tensor.
      let weights = Self.whole(9 * block, seed: 4)
      for isRotated in [false, true] {
        var result = [Float](repeating: 0, count: 36 * block)
        kernels.weights(weights, 9, 0, isRotated ? 1 : 0, 1, &result, block)
        for lane in 0..<block {
          let own = Array(weights[lane * 9..<lane * 9 + 9])
          let g = Self.square(isRotated ? own.reversed() : own, side: 3, block: 1, lane: 0)
          let expected = Self.both(Self.weightTransform, g)
          #expect(
            relativeError(
              of: Self.square(result, side: 6, block: block, lane: lane).joined(), against: Array(expected.joined()))
              < 1e-6)
        }
      }
      let sums = Self.whole(36 * block, seed: 5)
      var gradient = [Float](repeating: 0, count: 9 * block)
      kernels.weight_gradient(sums, block, 1, &gradient, 9, 0)
      for lane in 0..<block {
        let expected = Self.both(
          Self.transposed(Self.weightTransform), Self.square(sums, side: 6, block: block, lane: lane))
        #expect(
          relativeError(of: gradient[lane * 9..<lane * 9 + 9].map { $0 }, against: Array(expected.joined())) < 1e-6)
      }
    }
  }

  /// A^T [(G g G^T) * (B^T d B)] A is the correlation of d with g.
  @Test func stagesTogetherCorrelate() {
    for kernels in Self.kernels() {
      let block = Int(kernels.block)
      let (image, weights) = (Self.whole(36 * block, seed: 6), Self.whole(9 * block, seed: 7))
      var (large, small) = (Self.tiling(6), Self.tiling(4))
      var (u, v) = ([Float](repeating: 0, count: 36 * block), [Float](repeating: 0, count: 36 * block))
      var output = [Float](repeating: 0, count: 16 * block)
      kernels.weights(weights, 9, 0, 0, 1, &u, block)
      kernels.input(image, &large, 0, 1, &v, block)
      kernels.output(zip(u, v).map { $0 * $1 }, block, &small, 0, 1, nil, 0, &output)
      for lane in 0..<block {
        let d = Self.square(image, side: 6, block: block, lane: lane)
        let expected = (0..<16).map { place in
          (0..<9).reduce(0.0) {
            $0 + d[place / 4 + $1 / 3][place % 4 + $1 % 3] * Double(weights[lane * 9 + $1])
          }
        }
        #expect(
          relativeError(of: Self.square(output, side: 4, block: block, lane: lane).joined(), against: expected) < 1e-5)
      }
    }
  }

  /// Sums over channels and over tiles, for every number of tiles that the registers are divided by.
  @Test(arguments: Array(1...16) + [29]) func products(_ tiles: Int) {
    for kernels in Self.kernels() {
      let block = Int(kernels.block)
      let (blocks, channels) = (2, 2 * block)
      for columns in [1, 2] {
        let a = Self.whole(channels * tiles, seed: 8)
        let u = Self.whole(columns * channels * block, seed: 9)
        let z = Self.whole(columns * tiles * block, seed: 10)
        var c = [Float](repeating: 0, count: columns * tiles * block)
        kernels.product(a, tiles * block, tiles, Int32(blocks), u, channels * block, &c, tiles * block, Int32(columns))
        func factor(_ tile: Int, _ channel: Int) -> Float {
          a[(channel / block * tiles + tile) * block + channel % block]
        }
        let expected = (0..<c.count).map { place -> Float in
          let (column, tile, lane) = (place / (tiles * block), place / block % tiles, place % block)
          return (0..<channels).reduce(0) { $0 + factor(tile, $1) * u[(column * channels + $1) * block + lane] }
        }
        #expect(c == expected)
        for isAdded in [false, true] {
          var du = u
          kernels.correlation(
            a, tiles * block, Int32(blocks), z, tiles * block, tiles, &du, channels * block, Int32(columns),
            isAdded ? 1 : 0)
          let expected = (0..<du.count).map { place -> Float in
            let (column, channel, lane) = (place / (channels * block), place / block % channels, place % block)
            return (0..<tiles).reduce(isAdded ? u[place] : 0) {
              $0 + factor($1, channel) * z[(column * tiles + $1) * block + lane]
            }
          }
          #expect(du == expected)
        }
      }
    }
  }
}
