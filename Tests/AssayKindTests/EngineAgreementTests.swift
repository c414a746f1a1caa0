import AssayBundle
import AssayImage
import AssayInspection
import AssayRuntime
import AssayTestSupport
import Testing

/// Every kind of bundle says the same in every engine.
@Suite struct EngineAgreementTests {
  /// Share of an output's largest value. All engines compute with 32-bit floats and add up in different orders; distances to the
  /// nearest of many rows are the square roots of small differences and lose most.
  private static let tolerance: Float = 2e-4

  /// Trained bundles, with activations, taps of several resolutions, maps and distances.
  @Test(arguments: BundleKind.allCases, [ExecutionMode.latency, .throughput])
  func outputsAndVerdictsAgree(_ kind: BundleKind, _ mode: ExecutionMode) throws {
    let inspectors = try EngineKind.allCases.map {
      try Inspector(path: SchemaOneFixtures.path(kind), mode: mode, engines: Engines($0))
    }
    try compareOutputs(inspectors)
    let folder = TemporaryFolder()
    let parts = SchemaOneFixtures.parts(kind)
    folder.write("good.pgm", parts.good)
    folder.write("bad.pgm", parts.bad)
    for name in ["good.pgm", "bad.pgm"] {
      let found = try inspectors.map { try $0.makeSession().inspect("\(folder.path)/\(name)").inspection }
      for other in found.dropFirst() {
        #expect(other.verdict == found[0].verdict && other.class == found[0].class, "\(name)")
        #expect(other.isUncertain == found[0].isUncertain, "\(name)")
        if let score = found[0].score {
          #expect(abs((other.score ?? .nan) - score) <= Double(Self.tolerance) * max(1, abs(score)), "\(name)")
        }
      }
    }
  }

  /// Graphs made for tests, of every kind there is.
  @Test(arguments: BundleKind.allCases) func tinyBundlesAgree(_ kind: BundleKind) throws {
    let folder = TemporaryFolder()
    let path = try TinyBundle.write(kind, in: folder.path)
    try compareOutputs(try EngineKind.allCases.map { try Inspector(path: path, mode: .latency, engines: Engines($0)) })
  }

  private func compareOutputs(_ inspectors: [Inspector]) throws {
    let rule = inspectors[0].manifest.preprocessing
    // The golden ratio's multiples are spread evenly over 0...1.
    let input = (0..<rule.count).map { Float((Double($0) * 0.618_033_988_749_895).truncatingRemainder(dividingBy: 1)) }
    let answers = try inspectors.map { try $0.graph.run(input) }
    for answer in answers.dropFirst() {
      #expect(Set(answer.keys) == Set(answers[0].keys))
      for (name, tensor) in answers[0] {
        let other = try #require(answer[name])
        #expect(other.shape == tensor.shape, "\(name)")
        let scale = tensor.values.reduce(0) { max($0, abs($1)) }
        let largest = zip(tensor.values, other.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(largest <= Self.tolerance * max(scale, 1e-3), "\(name): \(largest) of \(scale)")
      }
    }
  }
}
