import AssayBundle
import AssayGraph
import AssayImage
import AssayInspection
import Foundation
import Testing

/// Each field of a valid manifest, changed in turn, is either read or refused; nothing traps.
@Suite struct ManifestFieldTests {
  private typealias Object = [String: Any]

  /// Every place in a document: the keys and positions that lead there.
  private func places(_ value: Any, _ path: [Any] = []) -> [[Any]] {
    if let object = value as? Object {
      return object.keys.sorted().flatMap { key in places(object[key] ?? 0, path + [key]) } + [path]
    }
    if let list = value as? [Any] {
      return list.indices.flatMap { places(list[$0], path + [$0]) } + [path]
    }
    return [path]
  }

  /// nil to leave it out.
  private func changed(_ value: Any, _ path: ArraySlice<Any>, to new: Any?) -> Any? {
    guard let step = path.first else { return new }
    if var object = value as? Object, let key = step as? String {
      object[key] = changed(object[key] ?? 0, path.dropFirst(), to: new)
      return object
    }
    if var list = value as? [Any], let index = step as? Int {
      if let inner = changed(list[index], path.dropFirst(), to: new) {
        list[index] = inner
      } else {
        list.remove(at: index)
      }
      return list
    }
    return value
  }

  private static func odd() -> [Any?] {
    [
      nil, NSNull(), "", "good", "x\u{0}y", true, 0, -1, 1, 0.5, 1e308, -1e308, 1e-300, Int.max, Int.min, 4_000_000_000,
      [Any](), [0, 0], Object(), ["a": 1],
    ]
  }

  @Test(arguments: Specimen.all.map(\.name)) func everyField(name: String) throws {
    let one = Specimen.named(name)
    let whole = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(one.manifest))
    var (opened, refused) = (0, 0)
    for path in places(whole) where !path.isEmpty {
      for value in Self.odd() {
        guard let document = changed(whole, path[...], to: value),
          let data = try? JSONSerialization.data(withJSONObject: document)
        else { continue }
        do {
          let manifest = try JSONDecoder().decode(Manifest.self, from: data)
          try manifest.check()
          var other = one
          other.manifest = manifest
          let inspection = try other.inspection()
          _ = (manifest.training.counts.values.reduce(0, +), inspection.isUncertain, manifest.rule.numberedClasses)
          #expect(inspection.score?.isFinite ?? true)
          // The threshold of 1e308 lets every part pass.
          #expect(manifest.threshold.map { $0.value < 1e30 } ?? true, "\(path) = \(value ?? "gone")")
          opened += 1
        } catch {
          refused += 1
        }
      }
    }
    #expect(opened > 100 && refused > 100, "\(opened) opened, \(refused) refused")
  }

  /// What must never be opened, by name.
  @Test func refusedByName() throws {
    func fault(_ one: Specimen, _ change: (inout Manifest) -> Void) -> String? {
      var manifest = one.manifest
      change(&manifest)
      do throws(ManifestFault) { try manifest.check() } catch { return error.field }
      return nil
    }
    func classifier(_ change: @escaping (inout ClassifierSpec) -> Void) -> String? {
      fault(.classifier()) { manifest in
        guard case .classifier(var spec) = manifest.kind else { return }
        change(&spec)
        manifest.kind = .classifier(spec)
      }
    }
    #expect(fault(.classifier()) { _ in } == nil)
    #expect(classifier { $0.classes = ["good", "scratch", "scratch"] } == "classes")
    #expect(classifier { $0.classes = ["good", ""] } == "classes")
    #expect(classifier { $0.goodClass = "fine" } == "goodClass")
    #expect(classifier { $0.threshold?.value = 1e308 } == "threshold")
    #expect(classifier { $0.threshold?.value = -0.1 } == "threshold")
    #expect(classifier { $0.threshold?.overkills = 10 } == "threshold")
    #expect(fault(.classifier()) { $0.training.counts = ["good": .max, "bad": .max] } == "training.counts")
    for value in [-1, 0, 254, 65_536, .max] {
      #expect(fault(.classifier()) { $0.preprocessing.whiteLevel = .init(value, .given) } == "preprocessing")
    }
    #expect(fault(.classifier()) { $0.preprocessing.whiteLevel = .init(255, .given) } == nil)
    #expect(fault(.classifier()) { $0.network.temperature = 0 } == "network.temperature")
    #expect(fault(.classifier()) { $0.network.features?.width = 32 } == "network.features")
    #expect(
      fault(.multiLabel()) { manifest in
        guard case .multiLabel(var spec) = manifest.kind else { return }
        spec.thresholds.removeLast()
        manifest.kind = .multiLabel(spec)
      } == "labelThresholds")
    func anomaly(_ change: @escaping (inout AnomalySpec) -> Void) -> String? {
      fault(.anomaly()) { manifest in
        guard case .anomaly(var spec) = manifest.kind else { return }
        change(&spec)
        manifest.kind = .anomaly(spec)
      }
    }
    #expect(anomaly { $0.threshold?.value = 1e308 } == "threshold", "8 is the largest score known")
    #expect(anomaly { $0.threshold?.value = 9000 } == "threshold", "a thousand times as much is never reached")
    #expect(anomaly { $0.model.calibration.scores.removeLast() } == "anomaly.calibration")
    #expect(anomaly { $0.model.region = .init(width: 10, height: 10, runs: [.max, .max]) } == "anomaly.region")
    #expect(anomaly { $0.model.tiling = .init(size: 64, overlap: 64) } == "anomaly.tiling")
    #expect(anomaly { $0.model.mapThreshold = 0 } == "anomaly.mapThreshold")
  }

  /// Schema 1 had the history inside of the anomaly's part.
  @Test func earlierSchema() throws {
    var document = try #require(
      try JSONSerialization.jsonObject(with: try JSONEncoder().encode(Specimen.anomaly().manifest)) as? Object)
    document["schema"] = 1
    var anomaly = try #require(document["anomaly"] as? Object)
    anomaly["changes"] = [
      ["date": "2026-01-01T00:00:00Z", "action": "add", "images": ["a": "00"], "rows": 3, "note": "n"]
    ]
    document["anomaly"] = anomaly
    let manifest = try JSONDecoder().decode(Manifest.self, from: try JSONSerialization.data(withJSONObject: document))
    #expect(manifest.changes.map(\.action) == ["add"] && manifest.changes[0].rows == 3)
    #expect(manifest.kind == Specimen.anomaly().manifest.kind)
  }
}
