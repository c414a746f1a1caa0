import AssayImage
import AssayInspection
import AssayModel
import AssayRuntime
import AssayWorkflows
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
  private let lone: Inspector
  private let many: Inspector
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
  package var outputs: [(name: String, shape: [Int])] { many.outputs }
  /// How parts are judged.
  package let rule: DecisionRule
  package var isTiled: Bool { manifest.kind.spec.tiling != nil }

  package init(name: String, path: String, maximumPixels: Int) throws {
    self.name = name
    bundle = try ModelBundle(path: path)
    rule = bundle.manifest.rule
    reference = try bundle.reference()
    ruler = reference?.features?.ruler
    let model = try bundle.contents(ModelBundle.modelName)
    lone = try Inspector(bundle, model: model, mode: .latency, maximumPixels: maximumPixels)
    many = try Inspector(bundle, model: model, mode: .throughput, maximumPixels: maximumPixels)
    loneSession = Mutex(SessionBox(session: try lone.makeSession()))
    // The first run of a graph is slower than all others; a caller should not be the one who waits for it.
    let rule = bundle.manifest.preprocessing
    let input = [Float](repeating: 0.5, count: rule.count)
    for inspector in [lone, many] { _ = try inspector.makeSession().inspect(input: input, name: "warm-up") }
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
    let box = try sessions.withLock { $0.popLast() } ?? SessionBox(session: many.makeSession())
    defer { sessions.withLock { $0.append(box) } }
    return try body(box.session, box.keepsakes)
  }

  /// Distance of the features of the image inspected last from those of the training images; nil when the bundle does not
  /// know it.
  package func featureDistance(_ session: InspectionSession) -> Double? {
    guard let ruler else { return nil }
    return session.withOutput("features") { ruler.distance($0) }
  }
}
