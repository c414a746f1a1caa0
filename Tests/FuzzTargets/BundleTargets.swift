import AssayBase
import AssayBundle
import AssayGraph
import AssayImage
import AssayInspection
import AssayMethods
import AssayTestSupport
import AssayWeights
import Foundation

/// What a bundle says of itself, and the cards of imported networks.
enum BundleTargets {
  static let all = [
    FuzzTarget("manifest", longest: 16_384, throwing: BundleError.self, ManifestFault.self, seeds: try manifests()) {
      bytes in
      folder.write("manifest.json", bytes)
      let manifest = try ModelBundle(path: folder.path).manifest
      let (spec, rule) = (manifest.kind.spec, manifest.rule)
      _ = (spec.classes, spec.taps, spec.tiling, spec.mapScale, rule.correctableClasses)
      for score in [-1, 0, 0.5, 1, Double.nan, .infinity] {
        _ = (rule.verdict(score: score), rule.isUncertain(score: score, probability: score))
      }
      for recipe in recipes { _ = try? manifest.training.recipe.decoded(as: recipe) }
      if manifest.preprocessing.count <= 1 << 16 { _ = manifest.preprocessing.apply(to: picture) }
      if case .anomaly(let anomaly) = manifest.kind, let region = anomaly.model.region {
        // A photograph may be large; its mask is not what is looked for here.
        guard region.width * region.height <= 1 << 16 else { return }
      }
      _ = try manifest.kind.postProcessor(manifest, outputs)
    },
    FuzzTarget("reference", longest: 4096, throwing: BundleError.self, seeds: try references()) { bytes in
      var bundle = TinyBundle(.classifier)
      bundle.files = ["reference.json": bytes]
      // Written whole, since the manifest has the file's hash.
      try? bundle.write(to: folder.path + "/referenced")
      guard let reference = try ModelBundle(path: folder.path + "/referenced").reference() else { return }
      _ = reference.outcome(threshold: 0.5)
      let distance = reference.features?.ruler.map { ruler in
        [Float](repeating: 1, count: ruler.mean.count).withUnsafeBufferPointer(ruler.distance)
      }
      precondition(distance ?? 0 >= 0 || distance?.isNaN == true, "a distance below 0")
    },
    FuzzTarget("region", longest: 1024, throwing: WorkflowError.self, seeds: regions) { bytes in
      folder.write("region.json", bytes)
      _ = try RegionFile.read(roi: folder.path + "/region.json", ignore: nil)
    },
    FuzzTarget("backbone-card", longest: 4096, throwing: WeightsError.self, seeds: try cards()) { bytes in
      guard let card = try? JSONDecoder().decode(ImportedBackbone.Card.self, from: Data(bytes)) else { return }
      var builder = GraphBuilder(name: "imported")
      let image = builder.input("image", shape: [3, 32, 32])
      let model = try! ONNXModel(bytes: try! TinyBackbone.onnx(), source: "tiny.onnx")
      _ = try ImportedBackbone(card, model: model).write(to: &builder, image: image, taps: Set(card.taps.map(\.name)))
    },
  ]

  /// With the one file that the manifests name.
  private static let folder = {
    let folder = ScratchFolder.make()
    folder.write("report.html", page)
    return folder
  }()
  private static let picture = Image(width: 3, height: 2, channels: 1, samples: .uint8([0, 50, 100, 150, 200, 255]))
  private static let recipes: [any MethodRecipe.Type] = [
    AnomalyRecipe.self, FewShotRecipe.self, FineTuneRecipe.self, LinearRecipe.self, MultiLabelRecipe.self,
    SharedLayerRecipe.self,
  ]
  private static let page: [UInt8] = Array("<!doctype html>".utf8)

  private static let regions: [[UInt8]] = [
    #"{"width":24,"height":16,"include":[[[1,1],[20,1],[9,14.5]]],"ignore":[[[2,2],[3,2],[3,3]]]}"#
  ].map { Array($0.utf8) }

  /// What the graphs of all kinds of ``TinyBundle`` answer.
  private static let outputs = GraphOutputs(
    Dictionary(
      BundleKind.allCases.flatMap { kind -> [(String, [Int])] in
        guard let bytes = TinyBundle(kind).files["model.onnx"],
          let model = try? ONNXModel(bytes: bytes, source: "model.onnx")
        else { return [] }
        return model.outputs.map { ($0.name, [1] + $0.shape.dropFirst()) }
      }, uniquingKeysWith: { first, _ in first }))

  /// A manifest of each kind, with one small file that is there.
  @Sendable private static func manifests() throws -> [[UInt8]] {
    try BundleKind.allCases.map { kind in
      var manifest = TinyBundle(kind).manifest
      manifest["files"] = ["report.html": ["sha256": TinyBundle.sha256(page), "size": page.count] as [String: Any]]
      return [UInt8](try JSONSerialization.data(withJSONObject: manifest, options: [.sortedKeys]))
    }
  }

  @Sendable private static func references() throws -> [[UInt8]] {
    let features = BundleReference.Features([1, 2, 3, 4], dimension: 2)
    let one = BundleReference(basis: "validation", scores: [0.1, 0.9], isDefect: [false, true], features: features)
    let other = BundleReference(
      basis: "cross-validation", scores: [0.5], isDefect: [], features: nil,
      labels: [.init(name: "scratch", scores: [0.5], isThere: [true])])
    return try [one, other].map { [UInt8](try JSONEncoder().encode($0)) }
  }

  @Sendable private static func cards() throws -> [[UInt8]] {
    let card = ImportedBackbone.Card(
      description: BackboneDescription(name: "tiny", nativeSize: 64, licence: "unknown", source: "imported"),
      sha256: TinyBundle.sha256([]), input: "image", taps: [Tap(name: "stage1", channels: 8, stride: 2)],
      defaultTaps: ["stage1"], patchTaps: ["stage1"], normalisation: .half)
    return [[UInt8](try JSONEncoder().encode(card))]
  }
}
