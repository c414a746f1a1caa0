import AssayBackbones
public import AssayBase
public import AssayBundle
public import AssayData
public import AssayEvaluation
import AssayGraph
import AssayImage
import AssayInspection
import AssayLearning
import AssayReport
import AssayRuntime
import Foundation
import Synchronization

/// What anomaly training made.
public struct AnomalyTrainingResult: Sendable {
  public let path: String
  public let manifest: Manifest
  /// nil when there were no labelled images to test on.
  public let evaluation: AnomalyEvaluation?
  /// Whether it is fit for the line, and what would help most.
  public let fitness: LineFitness
  public let warnings: [String]
  /// How the data set was read, and what was left out.
  public let reading: DataReading
  /// Images that could not be read, whatever they were for.
  public let unreadable: [Dataset.Refusal]
  public let isolated: [AnomalyModel.Isolated]
  /// Looks of the network taken from the cache, and computed.
  public let cachedCount: Int
  public let computedCount: Int
}

/// From a folder of good parts to a bundle that finds what is unlike them.
public enum AnomalyTrainer {
  /// - Parameters:
  ///   - path: the data set; images that are not good are only used for testing, and for thresholds that are about defects.
  ///   - output: the bundle's folder; an older bundle there is replaced at the very end, in one step.
  public static func train(
    _ path: String, output: String, options: AnomalyOptions, progress: @escaping ProgressHandler = { _ in }
  ) throws(WorkflowError) -> AnomalyTrainingResult {
    do {
      try ModelBundle.checkReplaceable(output)
      try check(options)
      let division = try AnomalySplit(path, options, progress: progress)
      var session = try Session(division, options, progress)
      return try session.run(output: output)
    } catch {
      throw WorkflowError(error)
    }
  }

  private static func check(_ options: AnomalyOptions) throws {
    if options.isAugmenting, options.region != nil || options.tiling != nil {
      throw WorkflowError(.usage, "--augment turns whole images; use it without --roi, --ignore and --tile")
    }
    if options.detector == .padim, options.tiling != nil || options.isAugmenting {
      throw WorkflowError(
        .usage, "PaDiM learns what belongs to each place of the image; use it without --tile and --augment")
    }
  }

  /// One training run.
  private struct Session {
    private(set) var division: AnomalySplit
    let options: AnomalyOptions
    let progress: ProgressHandler
    let backbone: any Backbone
    let specification: PatchSpecification
    let view: AnomalyView
    let store: PatchStore
    /// What the user must know of how 16-bit pictures are read.
    let whiteNotes: [String]
    /// Samples in the order of the store's images.
    let samples: [Sample]

    init(_ division: AnomalySplit, _ options: AnomalyOptions, _ progress: @escaping ProgressHandler) throws {
      self.division = division
      self.options = options
      self.progress = progress
      backbone = try BackboneCatalogue.load(options.features.backbone)
      let size =
        options.tiling?.size ?? options.features.inputSize ?? backbone.inputSize
      specification = PatchSpecification(
        taps: options.features.taps ?? backbone.patchTaps, width: size, height: size)
      let grid = try specification.grid(of: backbone)
      samples = division.training + division.calibration + division.defects
      let white = try options.features.whiteLevel(
        of: (samples + division.test).map(\.path), progress: progress)
      whiteNotes = white.notes
      let rule = Preprocessing(
        width: size, height: size, policy: options.tiling == nil ? options.features.policy : .stretch,
        filter: options.features.filter, whiteLevel: white.level)
      let input = PatchInput(preprocessing: rule, tiling: options.tiling)
      view = AnomalyView(input: input, grid: grid, region: RegionLookup(options.region))
      let extractor = PatchExtractor(
        onnx: try PatchGraph.build(backbone, specification).serialized(), grid: grid, input: input,
        cache: options.features.cache, engines: options.features.engines, maximumPixels: options.features.maximumPixels)
      store = try extractor.patches(
        of: samples.map(\.path), symmetries: options.symmetries,
        progress: { progress(WorkProgress("patches", $0, $1)) },
        announce: { progress(WorkProgress("patches", announcing: $0)) })
      try Self.checkUnchanged(samples, division, store)
      self.division.dataset.leaveOut(store.failures.map(\.error), of: division.dataset.root, progress: progress)
      if options.features.isStrict, let failure = store.failures.first { throw failure.error }
      if division.training.indices.allSatisfy({ store.hashes[$0] == nil }) {
        let first = store.failures.first.map { "\($0.error)" } ?? ""
        throw WorkflowError(.badData, "\(division.dataset.root): no good image can be read; \(first)")
      }
    }

    /// Splits and folds were made by what the files held then.
    private static func checkUnchanged(_ samples: [Sample], _ division: AnomalySplit, _ store: PatchStore) throws {
      let failures = Dictionary(uniqueKeysWithValues: store.failures.map { ($0.index, $0.error.reason) })
      for (index, sample) in samples.enumerated() {
        guard let picture = division.picture(sample) else { continue }
        // What can be read and not decoded is left out.
        if let reason = failures[index], reason != .notFound, reason != .notReadable { continue }
        try picture.check(store.hashes[index])
      }
    }

    private var fitter: AnomalyFitter { AnomalyFitter(store: store, view: view, options: options) }

    mutating func run(output: String) throws -> AnomalyTrainingResult {
      let usable = samples.indices.filter { store.hashes[$0] != nil }
      var training = usable.filter { $0 < division.training.count }
      let aside = usable.filter { $0 >= division.training.count }
      var ready: AnomalyFitter.Fit?
      let isolated = try isolation(&training, &ready)
      let fit = try ready ?? fitter.fit(training) { progress(WorkProgress("memory", $0, $1)) }
      let calibration = try calibration(training, aside, fit)
      let rule = rule(for: calibration)
      let threshold = try rule.map { try AnomalyThreshold($0, calibration) }

      let model = try AnomalyGraph.build(backbone, specification, fit.ending, metadata: metadata()).serialized()
      var manifest = try manifest(fit, training, calibration, threshold, isolated)
      let tested = try evaluate(model, manifest)
      manifest.metrics = tested?.metrics ?? []
      if let tested, case .anomaly(var spec) = manifest.kind, tested.isDefect.contains(true) {
        spec.model.tested = AnomalyModel.Tested(scores: tested.scores, isDefect: tested.isDefect)
        manifest.kind = .anomaly(spec)
      }
      if let tested { division.dataset.leaveOut(tested.unreadable, of: division.dataset.root, progress: progress) }
      if options.features.isStrict, let error = tested?.unreadable.first { throw error }
      manifest.training.record(division.dataset)
      progress(WorkProgress("report", 0, 1))
      let warnings =
        warnings(isolated) + (tested?.warnings ?? [])
        + UncertainShare.warnings(tested?.metrics ?? [], manifest.rule.band)
      let fitness = LineFitness(tested, FitnessContext(manifest, photographs: samples.map(\.path)))
      let report = AnomalyReport(
        manifest: manifest, evaluation: tested, fitness: fitness, title: output.lastPathComponent)
      var files: [String: [UInt8]] = [
        ModelBundle.modelName: model,
        ModelBundle.reportName: Array(
          report.html(
            of: division.dataset, warnings: warnings, data: dataRows(training, aside), command: options.commandLine
          ).utf8),
      ]
      var reference = PatchReference(store: store, samples: samples, view: view).reference(
        learned: training, others: usable.filter { samples[$0].label != division.goodClass })
      reference.brightness = BrightnessReference.measure(
        training.compactMap { division.picture(samples[$0]) }, view.input.preprocessing,
        maximumPixels: options.features.maximumPixels, progress: progress)
      files[ModelBundle.referenceName] = try ReferenceParts.json(reference)
      if let memory = fit.patchCore {
        files.merge(try memoryFile(memory, training).files()) { $1 }
      }
      let bundle = try ModelBundle.write(to: output, manifest: manifest, files: files)
      progress(WorkProgress("report", 1, 1))
      return AnomalyTrainingResult(
        path: bundle.path, manifest: bundle.manifest, evaluation: tested, fitness: fitness, warnings: warnings,
        reading: DataReading(division.dataset),
        unreadable: store.failures.map { Dataset.Refusal($0.error) }
          + (tested?.unreadable ?? []).compactMap(Dataset.Refusal.init),
        isolated: isolated, cachedCount: store.cachedCount, computedCount: store.computedCount)
    }

    /// The rule in use. A rate that nobody asked for is raised to what is supported by the parts that were left.
    private func rule(for calibration: AnomalyModel.Calibration) -> ThresholdRule? {
      guard options.thresholdRule == nil, case .maximumOverkill(let rate) = division.rule else { return division.rule }
      let count = calibration.goodScores.count
      return count < 5 ? nil : .maximumOverkill(max(rate, 1 / Double(count + 1)))
    }

    // MARK: Steps

    /// Looks for training images unlike the others; drops them when asked.
    /// - Parameter ready: the fit to all training images, when it was made and is still right.
    private func isolation(
      _ training: inout [Int], _ ready: inout AnomalyFitter.Fit?
    ) throws -> [AnomalyModel.Isolated] {
      guard training.count >= 5 else { return [] }
      let selection = fitter.selection(training)
      let progress = progress
      let report: (Int, Int) -> Void = { progress(WorkProgress("memory", $0, $1)) }
      let memory: PatchCore.Fit
      if options.detector == .patchcore {
        let fit = try fitter.fit(training, progress: report)
        ready = fit
        guard let own = fit.patchCore else { return [] }
        memory = own
      } else {
        memory = PatchCore(isReweighted: false, seed: options.seed, workFolder: options.features.cache?.folder)
          .fit(store, selection, progress: report)
      }
      let place = Dictionary(uniqueKeysWithValues: selection.items.enumerated().map { ($1, $0) })
      let images = training.map { image in store.items(of: image).compactMap { place[$0] } }
      let scores = IsolationScores(store, selection, images: images, fit: memory, seed: options.seed) {
        progress(WorkProgress("isolation", $0, $1))
      }
      let outliers = scores.outliers()
      let found = outliers.map {
        AnomalyModel.Isolated(
          name: samples[training[$0]].name, isolation: scores.values[$0], isDropped: options.isTrimming)
      }
      if options.isTrimming, !outliers.isEmpty {
        let dropped = Set(outliers.map { training[$0] })
        training.removeAll { dropped.contains($0) }
        ready = nil
      }
      return found
    }

    /// Scores of good parts (and of defects, for rules about them) by models that have not seen them.
    private func calibration(
      _ training: [Int], _ aside: [Int], _ final: AnomalyFitter.Fit
    ) throws -> AnomalyModel.Calibration {
      guard division.rule != nil else { return .init(scores: [], peaks: [], isDefect: [], folds: 0) }
      let calibrator = AnomalyCalibrator(
        view: view, specification: specification, engines: options.features.engines)
      let isDefect = { (image: Int) in samples[image].label != division.goodClass }
      let folds = min(division.folds, division.units(of: training.map { samples[$0] }))
      var scored: [(image: Int, score: Double, peak: Double)] = []
      let total = division.folds == 0 ? aside.count : training.count + aside.count
      let done = Mutex(0)
      let progress = progress
      let step: @Sendable () -> Void = {
        done.withLock {
          $0 += 1
          progress(WorkProgress("threshold", min($0, total), total))
        }
      }
      if folds >= 2 {
        let own = division.folds(of: training.map { samples[$0] }, count: folds)
        for fold in 0..<folds {
          let held = zip(training, own).filter { $1 == fold }.map(\.0)
          let fit = try fitter.fit(zip(training, own).filter { $1 != fold }.map(\.0))
          let readings = try calibrator.readings(store, images: held, ending: fit.ending, progress: step)
          scored += zip(held, readings).map { ($0, $1.score, $1.peak) }
        }
      }
      if !aside.isEmpty {
        let readings = try calibrator.readings(store, images: aside, ending: final.ending, progress: step)
        scored += zip(aside, readings).map { ($0, $1.score, $1.peak) }
      }
      return AnomalyModel.Calibration(
        scores: scored.map(\.score), peaks: scored.map(\.peak), isDefect: scored.map { isDefect($0.image) },
        folds: max(1, folds))
    }

    private func evaluate(_ model: [UInt8], _ manifest: Manifest) throws -> AnomalyEvaluation? {
      guard !division.test.isEmpty else { return nil }
      let rule = manifest.preprocessing
      let network = try Network(
        onnx: model, inputShape: [1, 3, rule.height, rule.width], mode: .throughput, engines: options.features.engines)
      let reader = AnomalyReader(network: network, view: view, maximumPixels: options.features.maximumPixels)
      return try AnomalyEvaluation(
        reader, division.test, pictures: division.test.map(division.picture), manifest: manifest,
        basis: "held-out test", goodClass: division.goodClass, progress: progress)
    }

    private func memoryFile(_ fit: PatchCore.Fit, _ training: [Int]) -> MemoryFile {
      let place = Dictionary(uniqueKeysWithValues: training.enumerated().map { ($1, $0) })
      return MemoryFile(
        rows: fit.bank.rows, dimension: fit.bank.dimension,
        images: training.map {
          .init(name: samples[$0].name, sha256: store.hashes[$0]?.hex ?? "", isActive: true)
        },
        origins: fit.origins.map { place[store.items[$0.item].image] ?? 0 })
    }

    // MARK: Records

    private func metadata() throws -> [(String, String)] {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return [
        ("assay.preprocessing", String(decoding: try encoder.encode(view.input), as: UTF8.self)),
        ("assay.backbone", backbone.description.name), ("assay.licence", backbone.description.licence),
      ]
    }

    private func manifest(
      _ fit: AnomalyFitter.Fit, _ training: [Int], _ calibration: AnomalyModel.Calibration,
      _ threshold: AnomalyThreshold?, _ isolated: [AnomalyModel.Isolated]
    ) throws -> Manifest {
      // Parts that set the threshold count as known, too: figures on them would flatter.
      let known = samples.indices.compactMap { store.hashes[$0]?.hex }
      let model = AnomalyModel(
        method: options.detector.rawValue, patches: specification, grid: view.grid, tiling: options.tiling,
        smoothing: options.smoothing, scoreShare: options.scoreShare, region: options.region,
        memoryRows: fit.patchCore?.bank.count, patchCount: fit.patchCount,
        coverage: fit.patchCore?.radius.map(Double.init), mapThreshold: threshold?.mapThreshold,
        calibration: calibration, guarantee: threshold?.guarantee, isolated: isolated)
      var spec = AnomalySpec(model: model, threshold: threshold?.threshold)
      spec.band = spec.rule.choosingBand(
        budget: options.uncertainShare,
        on: BundleReference(
          basis: "held-out parts", scores: calibration.scores, isDefect: calibration.isDefect, features: nil))
      var manifest = Manifest(
        kind: .anomaly(spec),
        preprocessing: view.input.preprocessing,
        network: Manifest.Network(
          backbone: backbone.description, weightsSHA256: backbone.weightsHash, features: nil, temperature: 1,
          mapScale: threshold?.mapThreshold ?? 0),
        training: Manifest.Training(
          method: .anomaly, recipe: try Recipe(AnomalyRecipe(fit.detector, options)), seed: options.seed,
          counts: [division.goodClass: training.count], images: Set(known).sorted(), of: division.dataset),
        metrics: [], versions: Versions.all(options.features.engines))
      manifest.training.testImages = division.testHashes
      return manifest
    }

    private func dataRows(_ training: [Int], _ aside: [Int]) -> [(name: String, counts: [Int])] {
      let labels = Set(samples.compactMap(\.label) + division.test.compactMap(\.label)).sorted()
      return labels.map { label in
        func count(_ images: [Int]) -> Int { images.count { samples[$0].label == label } }
        let tested = division.test.count { $0.label == label }
        return (label, [count(training), count(aside), tested])
      }
    }

    private func warnings(_ isolated: [AnomalyModel.Isolated]) -> [String] {
      var warnings = division.notes + whiteNotes
      let listed = isolated.prefix(10).map(\.name).joined(separator: ", ")
      if !isolated.isEmpty {
        warnings.append(
          options.isTrimming
            ? "Unlike all other training images, and left out (--trim): \(listed)."
            : "Unlike all other training images: \(listed). Look whether they are good, or leave them out with --trim.")
      }
      let sizes = store.sizes.compactMap { $0 }
      let widest = sizes.map { max($0.width, $0.height) }.max() ?? 0
      if options.tiling == nil, widest > 4 * specification.width {
        warnings.append(
          "Photographs of up to \(widest) pixels are reduced to \(specification.width); small defects may vanish. "
            + "--tile \(specification.width) looks at them at their own resolution.")
      }
      return warnings
    }
  }
}
