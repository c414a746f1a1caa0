import ArgumentParser
import AssayImage
import AssayTraining
import AssayWorkflows
import Foundation

extension AugmentationPreset: ExpressibleByArgument {}
extension BatchMixing.Method: ExpressibleByArgument {}

/// What only `train --method finetune` knows.
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
