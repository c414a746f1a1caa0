import AssayBase
package import AssayGraph
import AssayImage
package import AssayInspection
package import AssayLearning
package import AssayRuntime

/// Fits the chosen detector to some images of a store.
package struct AnomalyFitter: Sendable {
  package let store: PatchStore
  package let view: AnomalyView
  package let options: AnomalyOptions

  package init(store: PatchStore, view: AnomalyView, options: AnomalyOptions) {
    self.store = store
    self.view = view
    self.options = options
  }

  package struct Fit {
    package let ending: AnomalyGraph.Ending
    /// Set for PatchCore.
    package let patchCore: PatchCore.Fit?
    package let patchCount: Int
    /// For the manifest.
    package let detector: AnomalyRecipe.Detector
  }

  /// Items of images and the positions that count.
  package func selection(_ images: [Int]) -> PatchSelection {
    let items = images.flatMap { Array(store.items(of: $0)) }
    return PatchSelection(
      items: items,
      positions: items.map { item in
        let size = store.sizes[store.items[item].image] ?? (1, 1)
        return view.positions(tile: store.items[item].tile, width: size.width, height: size.height)
      })
  }

  package var patchCore: PatchCore {
    // A photograph of many tiles is compared with the memory many times over.
    PatchCore(
      fraction: options.coreset, rows: view.input.tiling == nil ? PatchCore.defaultRows : 2_000...2_000,
      isReweighted: view.input.tiling == nil && options.scoreShare == nil,
      seed: options.seed, workFolder: options.features.cache?.folder)
  }

  package func fit(_ images: [Int], progress: (Int, Int) -> Void = { _, _ in }) throws -> Fit {
    let selection = selection(images)
    let patchCount = selection.items.indices.reduce(0) { $0 + selection.count($1, of: store.grid) }
    guard patchCount > 0 else {
      throw WorkflowError(.badData, "no patch of the training images lies in the region of interest; widen --roi")
    }
    func ending(_ scoring: any AnomalyScoring) -> AnomalyGraph.Ending {
      AnomalyGraph.Ending(
        scoring: scoring, region: view.graphRegion, smoothing: options.smoothing, scoreShare: options.scoreShare)
    }
    switch options.detector {
    case .patchcore:
      let fit = patchCore.fit(store, selection, progress: progress)
      return Fit(
        ending: ending(fit.bank), patchCore: fit, patchCount: patchCount,
        detector: .patchCore(memoryRows: fit.bank.count, patches: patchCount, coreset: options.coreset))
    case .padim:
      guard selection.items.count >= 2 else {
        throw WorkflowError(
          .badData, "PaDiM needs at least two good images; use --detector subspace or patchcore for one")
      }
      let model = PaDiM(seed: options.seed).fit(store, items: selection.items)
      return Fit(
        ending: ending(model), patchCore: nil, patchCount: patchCount,
        detector: .paDiM(features: model.channels.count, available: store.grid.channels))
    case .subspace:
      let (model, explained) = SubspaceModel(seed: options.seed).fit(store, selection)
      return Fit(
        ending: ending(model), patchCore: nil, patchCount: patchCount,
        detector: .subspace(
          components: model.componentCount, available: store.grid.channels, explained: explained))
    }
  }
}
