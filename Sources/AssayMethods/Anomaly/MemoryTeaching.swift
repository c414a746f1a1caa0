public import AssayBase
import AssayBundle
import AssayData
import AssayEvaluation
import AssayGraph
public import AssayImage
import AssayInspection
import AssayLearning
public import AssayRuntime
import Foundation

/// Teaches a PatchCore bundle new good parts, or takes parts out of its memory, without training anew.
public enum MemoryTeaching {
  public struct Result: Sendable, Encodable {
    public let action: String
    /// Images that changed something.
    public let images: [String]
    public let rowsBefore: Int
    public let rowsAfter: Int
    public let notes: [String]
  }

  /// Adds good images: of their patches, those that no row of the memory comes near to.
  ///
  /// An image that was forgotten before comes back with the very rows that it had.
  public static func add(
    bundle path: String, images inputs: [String], maximumPixels: Int = DecodingOptions().maximumPixels,
    engines: Engines = .automatic,
    progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> Result {
    do {
      return try change(path, inputs, action: "add") { state, found in
        for image in found {
          if let known = state.memory.index.images.firstIndex(where: { $0.sha256 == image.sha256 }) {
            if state.memory.index.images[known].isActive {
              state.notes.append("\(image.path): the bundle knows it already")
            } else {
              state.memory.index.images[known].isActive = true
              state.changed[image.path] = image.sha256
            }
          } else {
            state.fresh.append(image)
          }
        }
        guard !state.fresh.isEmpty else { return }
        try learn(&state, maximumPixels: maximumPixels, engines: engines, progress: progress)
      }
    } catch {
      throw WorkflowError(error)
    }
  }

  /// Takes the rows of images out of use; they stay in the bundle, so that `add` brings them back.
  public static func forget(bundle path: String, images inputs: [String]) throws(WorkflowError) -> Result {
    do {
      return try change(path, inputs, action: "forget") { state, found in
        for image in found {
          guard let known = state.memory.index.images.firstIndex(where: { $0.sha256 == image.sha256 }) else {
            state.notes.append("\(image.path): the bundle has not learned from it")
            continue
          }
          guard state.memory.index.images[known].isActive else {
            state.notes.append("\(image.path): it is forgotten already")
            continue
          }
          state.memory.index.images[known].isActive = false
          state.changed[image.path] = image.sha256
        }
        guard !state.memory.activeRows.isEmpty else {
          throw WorkflowError(.badData, "\(path): nothing would be left in its memory; nothing was changed")
        }
      }
    } catch {
      throw WorkflowError(error)
    }
  }

  private struct Named {
    let path: String
    let hash: SHA256Digest
    var sha256: String { hash.hex }
  }

  private struct State {
    let bundle: ModelBundle
    let anomaly: AnomalyModel
    var memory: MemoryFile
    var fresh: [Named] = []
    /// Path to SHA-256.
    var changed: [String: String] = [:]
    var notes: [String] = []
  }

  private static func change(
    _ path: String, _ inputs: [String], action: String, _ body: (inout State, [Named]) throws -> Void
  ) throws -> Result {
    let bundle = try ModelBundle(path: path)
    guard let anomaly = bundle.manifest.anomalySpec?.model, anomaly.method == MemoryBank.method else {
      throw WorkflowError(
        .usage, "\(path): only anomaly detectors with a memory (PatchCore) can be taught; train it again instead")
    }
    var state = State(bundle: bundle, anomaly: anomaly, memory: try MemoryFile(bundle))
    let before = state.memory.activeRows.count
    var found: [Named] = []
    for input in inputs {
      let search = FolderSearch.find(in: input)
      state.notes += DataReading.warnings(search.leftOut, of: input).map(\.text)
      guard !search.images.isEmpty else {
        throw WorkflowError(.noInput, "\(input): no image was found; check the path")
      }
      for image in search.images {
        let bytes = try ImageFile.contents(path: image, maximumPixels: .max)
        found.append(Named(path: image, hash: SHA256Digest(of: bytes)))
      }
    }
    try body(&state, found)
    let after = state.memory.activeRows.count
    if !state.changed.isEmpty { try write(state, action: action, rows: after) }
    return Result(
      action: action, images: state.changed.keys.sorted(), rowsBefore: before, rowsAfter: after, notes: state.notes)
  }

  /// Patches of new images, chosen by going on with the greedy choice until every patch is as near to a row as those of
  /// the training images were (in full features; the radius is the largest distance of that kind seen in training).
  private static func learn(
    _ state: inout State, maximumPixels: Int, engines: Engines, progress: @escaping ProgressHandler
  ) throws {
    let recipe = try state.bundle.recipe(as: AnomalyRecipe.self)
    let model = try state.bundle.graph()
    let patches = try AnomalyGraph.patchesOnly(of: model, grid: state.anomaly.grid)
    let view = AnomalyView(state.bundle.manifest.preprocessing, state.anomaly)
    state.notes += WhiteLevelReader.notes(
      state.fresh.map(\.path), view.input.preprocessing, cache: nil, maximumPixels: maximumPixels)
    let extractor = PatchExtractor(
      onnx: try patches.serialized(), grid: state.anomaly.grid, input: view.input, cache: nil,
      engines: engines, maximumPixels: maximumPixels)
    // Turned and mirrored, where the other images were.
    let store = try extractor.patches(of: state.fresh.map(\.path), symmetries: recipe.symmetries) {
      progress(WorkProgress("patches", $0, $1))
    }
    if let failure = store.failures.first { throw failure.error }
    for (index, image) in state.fresh.enumerated() {
      // Its rows are kept under the content that it had at first.
      try KnownPicture(path: image.path, hash: image.hash).check(store.hashes[index])
      let selection = AnomalyFitter(store: store, view: view, options: AnomalyOptions()).selection([index])
      let memory = state.memory.gathered(state.memory.activeRows)
      let spacing = MemoryCoverage.typicalSpacing(memory, dimension: state.memory.index.dimension)
      let chosen = MemoryCoverage.uncovered(store, selection, memory: memory, spacing: spacing)
      let origin = state.memory.index.images.count
      state.memory.index.images.append(
        .init(name: image.path.lastPathComponent, sha256: image.sha256, isActive: true))
      state.memory.rows += PatchCore.gather(store, chosen)
      state.memory.index.origins += chosen.map { _ in origin }
      state.changed[image.path] = image.sha256
      if chosen.isEmpty { state.notes.append("\(image.path): all of it was known; no row was added") }
      progress(WorkProgress("teaching", index + 1, state.fresh.count))
    }
  }

  private static func write(_ state: State, action: String, rows: Int) throws {
    let bundle = state.bundle
    let model = try bundle.graph()
    let view = AnomalyView(bundle.manifest.preprocessing, state.anomaly)
    let active = state.memory.gathered(state.memory.activeRows)
    let isReweighted = state.anomaly.tiling == nil && state.anomaly.scoreShare == nil
    let bank = MemoryBank(fitting: active, dimension: state.memory.index.dimension, isReweighted: isReweighted)
    let changed = try AnomalyGraph.replacingEnding(
      in: model, state.anomaly.patches, grid: state.anomaly.grid,
      AnomalyGraph.Ending(
        scoring: bank, region: view.graphRegion, smoothing: state.anomaly.smoothing,
        scoreShare: state.anomaly.scoreShare))
    var manifest = bundle.manifest
    var known = Set(manifest.training.images)
    if action == "add" { known.formUnion(state.changed.values) } else { known.subtract(state.changed.values) }
    manifest.training.images = known.sorted()
    if case .anomaly(var spec) = manifest.kind {
      spec.model.memoryRows = rows
      spec.model.tested = nil
      manifest.kind = .anomaly(spec)
    }
    manifest.changes.append(
      Manifest.Change(
        date: Timestamp.text(), action: action,
        note: "figures and threshold are those from before; `assay threshold` sets it anew", images: state.changed,
        rows: rows))
    var files = try state.memory.files()
    files[ModelBundle.modelName] = try changed.serialized()
    files[ModelBundle.reportName] = try bundle.contents(ModelBundle.reportName)
    if bundle.manifest.files[ModelBundle.referenceName] != nil {
      files[ModelBundle.referenceName] = try bundle.contents(ModelBundle.referenceName)
    }
    _ = try ModelBundle.write(to: bundle.path, manifest: manifest, files: files, replacing: bundle.identity)
  }
}
