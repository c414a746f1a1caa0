import AssayData
import AssayImage
import AssayTraining

/// Everything that `assay train --method finetune` can be told.
public struct FineTuneOptions: Sendable {
  /// Data, features, seed, split and threshold, as for the linear method; its solver fits the probe that training starts
  /// from and is compared with.
  public var base: TrainingOptions
  public var settings: FineTuneSettings
  /// The tap up to which the backbone stays as it is; nil to train all of it.
  public var freezeTo: String?
  public var preset: AugmentationPreset
  /// Views of each image that the frozen trunk is run over, the unchanged one among them; at least 1.
  public var views: Int
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
    base: TrainingOptions, settings: FineTuneSettings = .init(), freezeTo: String? = nil,
    preset: AugmentationPreset = .surface, views: Int = 8, mixing: BatchMixing? = nil, folds: Int = 5,
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

  /// Views of each image where none are asked for: one of images that stay as they are.
  public static func usualViews(_ preset: AugmentationPreset) -> Int { preset == .none ? 1 : 8 }
}
