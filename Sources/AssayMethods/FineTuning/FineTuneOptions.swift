import AssayBackbones
package import AssayBase
import AssayData
import AssayGraph
public import AssayImage
import AssayRuntime
public import AssayTraining

/// Everything that `assay train --method finetune` can be told.
public struct FineTuneOptions: Sendable {
  /// Data, features, seed, split and threshold, as for the linear method; its solver fits the probe that training starts
  /// from and is compared with.
  public var base: TrainingOptions
  public var settings: FineTuneSettings
  public var freezeTo: FreezePoint
  public var preset: AugmentationPreset
  /// Views of each image that the frozen trunk is run over, the unchanged one among them; at least 1. nil for 8, or 1 where
  /// nothing is augmented. Without a frozen trunk each epoch augments anew, and there are no views.
  public var views: Int?
  public var mixing: BatchMixing?
  /// Folds on which probe and fine-tuning are compared, at least 2.
  public var folds: Int
  /// Share of the training images that decides when to stop; 0 to train all epochs.
  public var stoppingShare: Double
  /// Ship the fine-tuned network even where the probe is better.
  public var isForced: Bool
  /// Folder for TensorBoard; nil for none.
  public var logFolder: String?

  public init(
    base: TrainingOptions, settings: FineTuneSettings = .init(), freezeTo: FreezePoint = .usual,
    preset: AugmentationPreset = .surface, views: Int? = nil, mixing: BatchMixing? = nil,
    folds: Int = TrainingOptions.usualFolds,
    stoppingShare: Double = 0.1, isForced: Bool = false, logFolder: String? = nil
  ) {
    self.base = base
    self.settings = settings
    self.freezeTo = freezeTo
    self.preset = preset
    self.views = views
    self.mixing = mixing
    self.folds = folds
    self.stoppingShare = stoppingShare
    self.isForced = isForced
    self.logFolder = logFolder
  }

  /// ``views``, or as many as there are where none are asked for: one of images that stay as they are.
  package var viewCount: Int { views ?? (preset == .none ? 1 : 8) }

  /// The stage that is frozen; nil for none. Of ``resolved()`` options.
  package var frozenStage: String? { if case .upTo(let stage) = freezeTo { stage } else { nil } }

  /// The options with everything decided that depends on the backbone, the machine, or ``base``.
  /// - Throws: when there is no such stage to freeze up to, or cutmix is to paste pixels that a frozen part has seen.
  package func resolved() throws(WorkflowError) -> FineTuneOptions {
    var options = self
    options.settings.seed = settings.seed ?? base.seed
    options.settings.threads = settings.threads ?? Machine.coreCount
    if freezeTo != .nothing {
      let backbone = try BackboneCatalogue.load(base.features.backbone)
      options.freezeTo = freezeTo == .usual ? .standard(for: backbone) : freezeTo
      if case .upTo(let stage) = options.freezeTo, !backbone.taps.contains(where: { $0.name == stage }) {
        throw WorkflowError(
          .badData,
          "--freeze-to \(stage): \(backbone.description.name) has no such stage; it has "
            + backbone.taps.map(\.name).joined(separator: ", "))
      }
    }
    if mixing?.method == .cutmix, let stage = options.frozenStage {
      throw WorkflowError(
        .usage,
        "--mixing cutmix pastes pixels, and the part up to \(stage) has seen them already; give --freeze-to none, or use "
          + "--mixing mixup")
    }
    return options
  }
}
