import AssayBundle
import AssayGraph
import AssayImage
import AssayLearning
import AssayMethods
import AssayTraining
import Foundation
import Testing

/// Who uses the library gets what the command gives: no default is known to the command line alone.
@Suite struct DefaultTests {
  private static let shop = Workshop.shared

  private static func trained(_ words: [String]) throws -> Manifest {
    _ = Workshop.outcomes
    let path = shop.folder + "/default-\(UUID().uuidString).assay"
    let outcome = try AssayProgram.run(["train", shop.classes, "-o", path, "--no-cache"] + Workshop.small + words)
    #expect(outcome.status == 0, "\(outcome)")
    return try ModelBundle(path: path).manifest
  }

  /// What a manifest says of fine-tuning is all that fine-tuning was told.
  @Test(arguments: ["adamw", "sgd"]) func fineTuning(_ optimizer: String) throws {
    let recipe = try Self.trained(["--method", "finetune", "--optimizer", optimizer, "--force"]).training.recipe
      .decoded(as: FineTuneRecipe.self)
    var options = FineTuneOptions(base: TrainingOptions())
    options.settings.optimiser = optimizer == "sgd" ? .sgd : .adamw
    // Of a network that a user brought, the stages have other names than EfficientNet-Lite's.
    options.freezeTo = .nothing
    var expected = FineTuneRecipe(options)
    expected.bestEpoch = recipe.bestEpoch
    #expect(recipe == expected)
    #expect(recipe.frozenUpTo == nil && recipe.learningRate == (optimizer == "sgd" ? 0.01 : 0.00015))
  }

  @Test func theOtherMethods() throws {
    let linear = try Self.trained([])
    guard case .lbfgs(_, let folds) = try linear.training.recipe.decoded(as: LinearRecipe.self).solver else {
      return #expect(Bool(false))
    }
    #expect(folds == TrainingOptions().folds && linear.training.seed == 0)
    #expect(linear.network.features?.statistics == FeatureOptions(cache: nil).statistics)
    let adam = try Self.trained(["--optimizer", "adam"]).training.recipe.decoded(as: LinearRecipe.self)
    guard case .adam(let own, _) = adam.solver else { return #expect(Bool(false)) }
    #expect(own.learningRate == 0.001 && own.batchSize == 32 && own.epochs == 50)
    let anomaly = try Self.trained(["--method", "anomaly", "--tile", "64"])
    guard case .anomaly(let spec) = anomaly.kind else { return #expect(Bool(false)) }
    #expect(spec.model.smoothing == AnomalyOptions().smoothing && spec.tiling?.overlap == 16)
    #expect(spec.model.method == AnomalyOptions().detector.rawValue)
  }
}
