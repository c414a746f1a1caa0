import ArgumentParser
import AssayImage
import AssayTraining
import AssayWorkflows
import Foundation

extension AugmentationPreset: ExpressibleByArgument {}
extension BatchMixing.Method: ExpressibleByArgument {}

/// What only `train --method finetune` knows. Options that other methods have too are nil until given.
struct FineTuneArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Fine-tuning: leave the backbone up to this stage as it is (see `assay backbones`); its activations are computed once. none trains all of it.",
      valueName: "stage"))
  var freezeTo: String?

  @Option(help: "Fine-tuning: augmented views of each image that the frozen part is run over.")
  var views: Int?

  @Option(help: "Fine-tuning: rate of the first trained layer as a share of the last one's, 0...1.")
  var depthFactor: Double?

  @Option(help: "Fine-tuning: the head's rate as a multiple of the learning rate.")
  var headFactor: Double?

  @Option(help: "Fine-tuning: momentum of sgd.")
  var momentum: Double?

  @Option(help: "Fine-tuning: epochs of linear warm-up.")
  var warmUp: Double?

  @Option(help: "Fine-tuning: share of the target that is spread over all classes, 0..<1.")
  var labelSmoothing: Double?

  @Option(help: "Fine-tuning: mix the images of a batch: mixup or cutmix.")
  var mixing: BatchMixing.Method?

  @Option(help: "Fine-tuning: alpha of the mixing's Beta distribution.")
  var mixingAlpha: Double?

  @Option(help: "Fine-tuning: decay of the moving average of the weights; 0 for none.")
  var averaging: Double?

  @Option(help: "Fine-tuning: largest norm of the gradient; 0 for no clipping.")
  var clipping: Double?

  @Option(help: "Fine-tuning: epochs without improvement after which to stop.")
  var patience: Int?

  @Option(help: "Fine-tuning: share of the training images that decides when to stop; 0 to train all epochs.")
  var stoppingFraction: Double?

  @Flag(help: "Fine-tuning: draw each class equally often.")
  var balancedSampling = false

  @Option(help: "Fine-tuning: share of the features that is dropped before the head.")
  var dropout: Double?

  @Option(help: "Fine-tuning: probability of leaving out the deepest residual branch.")
  var stochasticDepth: Double?

  @Flag(help: "Fine-tuning: normalise by the batch instead of by the pretrained statistics.")
  var batchStatistics = false

  @Flag(help: "Fine-tuning: write the fine-tuned network even where the linear probe is better.")
  var force = false

  @Option(help: "Fine-tuning: folder for TensorBoard's event files and training.csv.")
  var logdir: String?

  /// The first of these options that was given, for methods that do not know them.
  var given: String? {
    let options: [(String, Bool)] = [
      ("--freeze-to", freezeTo != nil), ("--views", views != nil),
      ("--depth-factor", depthFactor != nil), ("--head-factor", headFactor != nil), ("--momentum", momentum != nil),
      ("--warm-up", warmUp != nil), ("--label-smoothing", labelSmoothing != nil), ("--mixing", mixing != nil),
      ("--mixing-alpha", mixingAlpha != nil), ("--averaging", averaging != nil), ("--clipping", clipping != nil),
      ("--patience", patience != nil), ("--stopping-fraction", stoppingFraction != nil),
      ("--balanced-sampling", balancedSampling), ("--dropout", dropout != nil),
      ("--stochastic-depth", stochasticDepth != nil), ("--batch-statistics", batchStatistics), ("--force", force),
      ("--logdir", logdir != nil),
    ]
    return options.first { $0.1 }?.0
  }

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
    if mixingAlpha != nil, mixing == nil { throw ValidationError("--mixing-alpha needs --mixing") }
    if mixing == .cutmix, freezeTo != "none" {
      throw ValidationError(
        "--mixing cutmix needs --freeze-to none: it pastes pixels, and a frozen part has seen them already")
    }
    if views != nil, freezeTo == "none" {
      throw ValidationError("--views needs a frozen part; with --freeze-to none each epoch augments anew")
    }
  }

  /// - Parameters:
  ///   - base: data, features, split and threshold.
  ///   - settings: with the options that other methods share.
  func options(
    _ base: TrainingOptions, _ settings: FineTuneSettings, augment: AugmentationPreset?, freezeDefault: String?,
    folds: Int
  ) -> FineTuneOptions {
    var settings = settings
    if let depthFactor { settings.depthFactor = depthFactor }
    if let headFactor { settings.headFactor = headFactor }
    if let momentum { settings.momentum = momentum }
    if let warmUp { settings.warmUp = warmUp }
    if let labelSmoothing { settings.labelSmoothing = labelSmoothing }
    if let averaging { settings.averaging = averaging }
    if let clipping { settings.clipping = clipping }
    if let patience { settings.patience = patience }
    if let dropout { settings.dropout = dropout }
    if let stochasticDepth { settings.stochasticDepth = stochasticDepth }
    settings.isBalanced = balancedSampling
    settings.normalisesByBatch = batchStatistics
    let preset = augment ?? .surface
    return FineTuneOptions(
      base: base, settings: settings, freezeTo: freezeTo == "none" ? nil : freezeTo ?? freezeDefault, preset: preset,
      views: views ?? FineTuneOptions.usualViews(preset),
      mixing: mixing.map { BatchMixing($0, alpha: mixingAlpha ?? 0.2) }, folds: folds,
      stoppingShare: stoppingFraction ?? 0.1, isForced: force, logFolder: logdir)
  }
}
