import Foundation
import Testing

/// `--json` is one document on standard output, whatever else is said.
@Suite struct JSONTests {
  private static let shop = Workshop.shared

  @Test(arguments: [
    (["data", "CLASSES"], ["layout", "counts"]),
    (["evaluate", "CLASSIFIER", "CLASSES", "--allow-trained"], ["metrics", "confusion"]),
    (["evaluate", "LABELS", "CLASSES", "--allow-trained"], ["metrics", "perClass"]),
    (["evaluate", "TASKS", "TASKS.CSV", "--allow-trained"], ["tasks"]),
    (["evaluate", "VALUES", "VALUES.CSV", "--allow-trained"], ["tasks"]),
    (["evaluate", "ANOMALY", "CLASSES", "--allow-trained"], ["metrics", "scores"]),
    (["evaluate", "--folds", "3", "CLASSES", "--backbone", "tiny"], ["foldAccuracies"]),
    (["evaluate", "--method", "fewshot", "CLASSES", "--backbone", "tiny", "--shots", "2", "--seeds", "2"], ["points"]),
    (["threshold", "ANOMALY", "--max-overkill", "0.4"], ["threshold"]),
  ]) func oneDocument(_ words: [String], _ keys: [String]) throws {
    let shop = Self.shop
    let names = [
      "CLASSES": shop.classes, "TASKS.CSV": shop.tasks, "VALUES.CSV": shop.values,
      "CLASSIFIER": Workshop.Kind.classifier.bundle, "LABELS": Workshop.Kind.labels.bundle,
      "TASKS": Workshop.Kind.tasks.bundle, "VALUES": Workshop.Kind.values.bundle,
      "ANOMALY": try Workshop.Kind.anomaly.copy(),
    ]
    let outcome = try AssayProgram.run(words.map { names[$0] ?? $0 } + ["--json"])
    #expect(outcome.status == 0, "\(outcome)")
    let document = try outcome.json()
    for key in keys { #expect(document[key] != nil, "\(key): \(outcome)") }
  }
}
