package import AssayBundle
import AssayImage
package import AssayInspection
package import AssayRuntime
import Foundation
import Synchronization

/// A bundle ready for many callers: the graph compiled once for a lone image on all cores, and once for as many images side
/// by side as there are cores.
package final class ServedBundle: Sendable {
  package let name: String
  package let bundle: ModelBundle
  package let loadedAt: Double
  /// What held-out parts looked like; nil for bundles of earlier versions.
  package let reference: BundleReference?
  private let ruler: FeatureRuler?
  package let maximumPixels: Int
  private let lone: Inspector
  /// nil where one image comes after the other.
  private let many: Inspector?
  private let loneSession: Mutex<SessionBox?>
  private let sessions = Mutex<[SessionBox]>([])

  /// Sessions are made once and go from thread to thread, one at a time.
  private struct SessionBox: @unchecked Sendable {
    let session: InspectionSession
    let keepsakes = KeepsakeMaker()
  }

  package var manifest: Manifest { bundle.manifest }
  /// The protocol's version of the model: the first digits of the bundle's hash.
  package var version: String { String(bundle.identity.prefix(12)) }
  /// SHA-256 of the graph, which a new threshold leaves as it is.
  package var graphHash: String { manifest.files[ModelBundle.modelName]?.sha256 ?? "" }
  package var inputShape: [Int] { [3, manifest.preprocessing.height, manifest.preprocessing.width] }
  /// Name of what runs the graph.
  package var engine: String { lone.engine }
  package var outputs: [(name: String, shape: [Int])] { lone.outputs }
  /// How parts are judged.
  package let rule: DecisionRule
  package var isTiled: Bool { manifest.kind.spec.tiling != nil }

  /// - Parameter isForMany: images may come side by side.
  package init(
    name: String, path: String, maximumPixels: Int, engines: Engines = .automatic, isForMany: Bool = true
  ) throws {
    self.name = name
    self.maximumPixels = maximumPixels
    bundle = try ModelBundle(path: path)
    rule = bundle.manifest.rule
    reference = try bundle.reference()
    ruler = reference?.features?.ruler
    let model = try bundle.contents(ModelBundle.modelName)
    lone = try Inspector(bundle, model: model, mode: .latency, maximumPixels: maximumPixels, engines: engines)
    many =
      try isForMany
      ? Inspector(bundle, model: model, mode: .throughput, maximumPixels: maximumPixels, engines: engines) : nil
    loneSession = Mutex(SessionBox(session: try lone.makeSession()))
    // The first run of a graph is slower than all others; a caller should not be the one who waits for it.
    let rule = bundle.manifest.preprocessing
    let input = [Float](repeating: 0.5, count: rule.count)
    for inspector in [lone, many].compactMap({ $0 }) {
      _ = try inspector.makeSession().inspect(input: input, name: "warm-up")
    }
    loadedAt = Date().timeIntervalSince1970
  }

  /// Lends a session for one inspection.
  /// - Parameter isAlone: nothing else is being inspected, so that all cores may work on this image.
  package func withSession<Result>(
    isAlone: Bool, _ body: (InspectionSession, KeepsakeMaker) throws -> Result
  ) throws -> Result {
    if isAlone, let box = loneSession.withLock({ $0.take() }) {
      defer { loneSession.withLock { $0 = box } }
      return try body(box.session, box.keepsakes)
    }
    let box = try sessions.withLock { $0.popLast() } ?? SessionBox(session: (many ?? lone).makeSession())
    defer { sessions.withLock { $0.append(box) } }
    return try body(box.session, box.keepsakes)
  }

  /// Distance of the features of the image inspected last from those of the training images; nil when the bundle does not
  /// know it.
  package func featureDistance(_ session: InspectionSession) -> Double? {
    guard let ruler else { return nil }
    return session.withOutput("features") { ruler.distance($0) }
  }

  /// Whether it knows how bright the photographs of training were.
  package var comparesBrightness: Bool { reference?.brightness != nil }

  /// A PNG of a finding: photograph, heat, region and verdict.
  package func draw(_ finding: Finding) throws -> [UInt8] {
    try Overlay.draw(finding, preprocessing: manifest.preprocessing, mapScale: manifest.network.mapScale).png()
  }
}

extension InspectionSession {
  /// - Parameter decoded: is shown the pixels before the network looks at them; not those of a tensor.
  func inspect(
    _ input: PartInput, name: String, decoded: (Image) -> Void
  ) throws(InspectionError) -> Finding? {
    switch input {
    case .file(let bytes): return try inspect(bytes, name: name, decoded: decoded)
    case .pixels(let image):
      decoded(image)
      return try inspect(image, name: name)
    case .tensor(let values): return try inspect(input: values, name: name)
    }
  }
}
