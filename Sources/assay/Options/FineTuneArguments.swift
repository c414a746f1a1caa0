public import ArgumentParser
import AssayImage
import AssayTraining
import AssayWorkflows
import Foundation

extension AugmentationPreset: ExpressibleByArgument {}
extension BatchMixing.Method: ExpressibleByArgument {}

/// What `train --method finetune` knows beside the solver.
struct FineTuneArguments: ParsableArguments {
  @Option(
    help:
      "Augmentation: surface (no up or down), oriented-part or none. Anomaly detection: surface also learns from the images turned and mirrored. (default: \(FineTuneOptions(base: TrainingOptions()).preset.rawValue); anomaly none)"
  )
  var augment: AugmentationPreset?

  @Option(
    help: ArgumentHelp(
      "Leave the backbone up to this stage as it is (see `assay backbones`); its activations are computed once. none trains all of it. (default: stage3 of EfficientNet-Lite, none of others)",
      valueName: "stage"))
  var freezeTo: String?

  @Option(
    help: "Augmented views of each image that the frozen part is run over. (default: 8; 1 with --augment none)")
  var views: Int?

  @Option(
    help: "Rate of the first trained layer as a share of the last one's, 0...1. (default: \(usual.depthFactor))")
  var depthFactor: Double?

  @Option(help: "The head's rate as a multiple of the learning rate. (default: \(usual.headFactor))")
  var headFactor: Double?

  @Option(help: "Momentum of sgd. (default: \(usual.momentum))")
  var momentum: Double?

  @Option(help: "Epochs of linear warm-up. (default: \(usual.warmUp))")
  var warmUp: Double?

  @Option(
    help: "Share of the target that is spread over all classes, 0..<1. (default: \(usual.labelSmoothing))")
  var labelSmoothing: Double?

  @Option(help: "Mix the images of a batch: mixup or cutmix. (default: none)")
  var mixing: BatchMixing.Method?

  @Option(help: "Alpha of the mixing's Beta distribution. (default: \(BatchMixing(.mixup).alpha))")
  var mixingAlpha: Double?

  @Option(help: "Decay of the moving average of the weights; 0 for none. (default: \(usual.averaging))")
  var averaging: Double?

  @Option(help: "Largest norm of the gradient; 0 for no clipping. (default: \(usual.clipping))")
  var clipping: Double?

  @Option(help: "Epochs without improvement after which to stop. (default: \(usual.patience))")
  var patience: Int?

  @Option(
    help:
      "Share of the training images that decides when to stop; 0 to train all epochs. (default: \(FineTuneOptions(base: TrainingOptions()).stoppingShare))"
  )
  var stoppingFraction: Double?

  @Flag(help: "Draw each class equally often.")
  var balancedSampling = false

  @Option(help: "Share of the features that is dropped before the head. (default: \(usual.dropout))")
  var dropout: Double?

  @Option(help: "Probability of leaving out the deepest residual branch. (default: \(usual.stochasticDepth))")
  var stochasticDepth: Double?

  @Flag(help: "Normalise by the batch instead of by the pretrained statistics.")
  var batchStatistics = false

  @Flag(help: "Write the fine-tuned network even where the linear probe is better.")
  var force = false

  @Option(help: "Folder for TensorBoard's event files and training.csv. (default: none)", completion: .directory)
  var logdir: String?

  private static let usual = FineTuneSettings()

  func validate() throws {
    func check(_ name: String, _ value: Double?, _ range: ClosedRange<Double>) throws {
      if let value, !range.contains(value) {
        throw ValidationError("\(name) must be \(range.lowerBound) to \(range.upperBound)")
      }
    }
    try check("--depth-factor", depthFactor, 1e-4...1)
    try check("--head-factor", headFactor, 0...100)
    try check("--momentum", momentum, 0...0.999)
    try check("--warm-up", warmUp, 0...1000)
    try check("--label-smoothing", labelSmoothing, 0...0.9)
    try check("--mixing-alpha", mixingAlpha, 1e-3...100)
    try check("--averaging", averaging, 0...0.99999)
    try check("--clipping", clipping, 0...1e9)
    try check("--stopping-fraction", stoppingFraction, 0...0.5)
    try check("--dropout", dropout, 0...0.9)
    try check("--stochastic-depth", stochasticDepth, 0...0.9)
    if let views, !(1...256).contains(views) { throw ValidationError("--views must be 1 to 256") }
    if let patience, patience < 1 { throw ValidationError("--patience must be at least 1") }
  }

  /// - Parameter options: with data, features, split, threshold and the optimiser.
  func apply(to options: inout FineTuneOptions, _ use: OptionUse) throws {
    options.freezeTo = use("--freeze-to", freezeTo).map { $0 == "none" ? .nothing : .upTo($0) } ?? options.freezeTo
    if let method = use("--mixing", mixing) {
      options.mixing = use("--mixing-alpha", mixingAlpha).map { BatchMixing(method, alpha: $0) } ?? BatchMixing(method)
    } else {
      use.without(["--mixing-alpha"], because: "it needs --mixing")
    }
    options.stoppingShare = use("--stopping-fraction", stoppingFraction) ?? options.stoppingShare
    options.isForced = use("--force", force)
    options.logFolder = use("--logdir", logdir)
    apply(to: &options.settings, isStopping: options.stoppingShare > 0, use)
    // Which stage the network is frozen up to may depend on the network.
    options = try options.resolved()
    if options.freezeTo == .nothing {
      use.without(["--views"], because: "nothing is frozen, so that each epoch augments anew")
    } else {
      options.views = use("--views", views) ?? options.views
    }
  }

  private func apply(to settings: inout FineTuneSettings, isStopping: Bool, _ use: OptionUse) {
    settings.depthFactor = use("--depth-factor", depthFactor) ?? settings.depthFactor
    settings.headFactor = use("--head-factor", headFactor) ?? settings.headFactor
    settings.warmUp = use("--warm-up", warmUp) ?? settings.warmUp
    settings.labelSmoothing = use("--label-smoothing", labelSmoothing) ?? settings.labelSmoothing
    settings.averaging = use("--averaging", averaging) ?? settings.averaging
    settings.clipping = use("--clipping", clipping) ?? settings.clipping
    settings.dropout = use("--dropout", dropout) ?? settings.dropout
    settings.stochasticDepth = use("--stochastic-depth", stochasticDepth) ?? settings.stochasticDepth
    settings.isBalanced = use("--balanced-sampling", balancedSampling)
    settings.normalisesByBatch = use("--batch-statistics", batchStatistics)
    if settings.optimiser == .sgd {
      settings.momentum = use("--momentum", momentum) ?? settings.momentum
    } else {
      use.without(["--momentum"], because: "it needs --optimizer sgd")
    }
    if isStopping {
      settings.patience = use("--patience", patience) ?? settings.patience
    } else {
      use.without(["--patience"], because: "with --stopping-fraction 0 all epochs are trained")
    }
  }
}
