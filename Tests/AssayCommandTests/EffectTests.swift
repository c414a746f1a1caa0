import Foundation
import Testing

/// What a way of training takes also changes the bundle: an option that is read and then forgotten is as bad as one that
/// is ignored.
@Suite struct EffectTests {
  /// Their values here are what would be taken anyway, or they change nothing of a bundle: where it goes, what is printed,
  /// which files are refused, where features are kept.
  private static let silent: Set<String> = [
    "--output", "--json", "--max-pixels", "--strict", "--white-level", "--cache", "--cache-limit", "--no-cache",
    "--method",
    "--optimizer", "--labels", "--good", "--detector", "--augment", "--backbone", "--force", "--logdir",
    // Only where a part is unlike the others.
    "--trim",
    // Only of tasks that the data has; with a class of several only.
    "--use-masks",
    // The tiny backbone has neither branches to leave out nor batches to normalise by.
    "--stochastic-depth", "--batch-statistics",
  ]

  /// What must be given with an option.
  private static let company = ["--mixing-alpha": ["--mixing", "mixup"], "--patience": ["--epochs", "6"]]

  /// The manifest without the report, which has the command's words.
  private static func bundle(_ words: [String]) throws -> NSDictionary {
    let path = Workshop.shared.folder + "/effect-\(UUID().uuidString).assay"
    let outcome = try AssayProgram.run(["train"] + words + ["-o", path] + Workshop.small)
    #expect(outcome.status == 0, "\(outcome)")
    let data = try #require(FileManager.default.contents(atPath: path + "/manifest.json"))
    var manifest = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    var files = manifest["files"] as? [String: Any] ?? [:]
    files["report.html"] = nil
    manifest["files"] = files
    try FileManager.default.removeItem(atPath: path)
    return manifest as NSDictionary
  }

  @Test(arguments: OptionTests.train.filter { !$0.words.contains("finetune") })
  func everyOptionChangesTheBundle(_ way: Way) throws {
    _ = Workshop.outcomes
    let plain = try Self.bundle(way.words)
    #expect(try Self.bundle(way.words) == plain, "the same command makes the same bundle")
    for option in way.uses.flatMap({ $0 }) where !Self.silent.contains(option) {
      let company = Self.company[option] ?? []
      let before = company.isEmpty ? plain : try Self.bundle(way.words + company)
      let after = try Self.bundle(way.words + company + OptionTests.typed([option], "train"))
      #expect(after != before, "\(option) changes nothing")
    }
  }
}
