import ArgumentParser
import AssayData
import AssayLearning
import AssayTraining
import AssayWorkflows

extension TrainCommand {
  enum Optimizer: String, ExpressibleByArgument, CaseIterable { case lbfgs, adam, adamw, sgd }
  enum Method: String, ExpressibleByArgument, CaseIterable { case linear, fewshot, anomaly, finetune }

  struct PlaceArguments: ParsableArguments {
    @Option(
      name: [.short, .long], help: ArgumentHelp("The bundle to write, e.g. part.assay.", valueName: "bundle"),
      completion: .file())
    var output: String
  }

  struct UsualArguments: ParsableArguments {
    @Option(
      help:
        "Training method: linear (named classes, a linear head on frozen features), fewshot (the same from a few images of each), finetune (the backbone is trained further) or anomaly (good parts only)."
    )
    var method: Method = .linear

    @Option(help: "Share of the images set aside as test set; 0 for none.")
    var testFraction = SplitRule().test

    @Flag(help: "Print the manifest as JSON on standard output.")
    var json = false
  }

  /// How a head on frozen features is fitted, or all of a network.
  struct SolverArguments: ParsableArguments {
    @Option(
      help:
        "Linear: lbfgs (penalty chosen by cross-validation) or adam (the textbook recipe). Fine-tuning: adamw or sgd. (default: lbfgs; fine-tuning adamw)"
    )
    var optimizer: Optimizer?

    @Option(
      help:
        "adam: step size. Fine-tuning: peak rate of the last layers. (default: adam \(adam.learningRate), shared layer \(shared.learningRate), adamw \(FineTuneSettings.usualLearningRate(.adamw)), sgd \(FineTuneSettings.usualLearningRate(.sgd)))"
    )
    var learningRate: Double?

    @Option(help: "Images in a batch. (default: \(adam.batchSize))")
    var batchSize: Int?

    @Option(
      help:
        "Passes over the training images; the best by validation is kept. (default: adam \(adam.epochs), shared layer \(shared.epochs), fine-tuning \(tuned.epochs))"
    )
    var epochs: Int?

    @Option(
      help:
        "Weight decay. (default: adam \(adam.weightDecay), shared layer \(shared.weightDecay), fine-tuning \(tuned.weightDecay))"
    )
    var weightDecay: Double?

    @Option(help: "Folds: of the cross-validation (lbfgs), and on which fine-tuning is compared with the probe.")
    var folds = TrainingOptions.usualFolds

    @Option(help: "Share of the images set aside for validation (adam and --shared-width; lbfgs cross-validates).")
    var validationFraction = SplitRule().validation

    private static let adam = AdamProbe.Settings()
    private static let shared = SharedRepresentation.Settings(width: 1)
    private static let tuned = FineTuneSettings()

    func validate() throws {
      guard learningRate ?? 1 > 0, batchSize ?? 1 > 0, epochs ?? 1 > 0, weightDecay ?? 0 >= 0 else {
        throw ValidationError("--learning-rate, --batch-size and --epochs must be above 0, --weight-decay not below 0")
      }
      guard folds >= 2 else { throw ValidationError("--folds must be at least 2") }
    }
  }

  func validate() throws {
    let (test, validation) = (usual.testFraction, solver.validationFraction)
    guard test >= 0, validation >= 0, test + validation < 0.95 else {
      throw ValidationError("--test-fraction and --validation-fraction must leave images to train on")
    }
  }
}
