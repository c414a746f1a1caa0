import AssayModel
import AssayTraining
import AssayWorkflows
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
    let recipe = try Self.trained(["--method", "finetune", "--optimizer", optimizer, "--force"]).training.solver
    var options = FineTuneOptions(base: TrainingOptions())
    options.settings.optimiser = optimizer == "sgd" ? .sgd : .adamw
    // Of a network that a user brought, the stages have other names than EfficientNet-Lite's.
    options.freezeTo = .nothing
    for (name, value) in options.recipe { #expect(recipe[name] == value, "\(name)") }
    #expect(recipe["frozen up to"] == "nothing")
    #expect(recipe["learning rate"] == (optimizer == "sgd" ? "0.01" : "0.00015"))
  }

  @Test func theOtherMethods() throws {
    let linear = try Self.trained([])
    #expect(linear.training.solver["folds"] == "\(TrainingOptions().folds)" && linear.training.seed == 0)
    #expect(linear.network.features?.statistics == FeatureOptions(cache: nil).statistics)
    let adam = try Self.trained(["--optimizer", "adam"]).training.solver
    #expect(adam["learning rate"] == "0.001" && adam["batch size"] == "32" && adam["epochs"] == "50")
    let anomaly = try Self.trained(["--method", "anomaly", "--tile", "64"])
    guard case .anomaly(let spec) = anomaly.kind else { return #expect(Bool(false)) }
    #expect(spec.model.smoothing == AnomalyOptions().smoothing && spec.tiling?.overlap == 16)
    #expect(anomaly.training.solver["detector"] == AnomalyOptions().detector.rawValue)
  }
}
