import Foundation
import Testing

/// The same command on the same machine makes the same bundle, byte for byte: every file, the report with it, whatever the
/// day is and however many threads there are.
@Suite struct SameBytesTests {
  static let ways: [[String]] = {
    let shop = Workshop.shared
    let quick = ["--epochs", "2", "--batch-size", "8"]
    let tuned = quick + ["--method", "finetune", "--folds", "2", "--force"]
    let anomaly = [shop.classes, "--method", "anomaly"]
    return [
      [shop.classes], [shop.findings], [shop.classes, "--optimizer", "adam"] + quick, [shop.classes, "--multi-label"],
      [shop.tasks], [shop.tasks, "--shared-width", "4"] + quick, [shop.values],
      [shop.classes, "--method", "fewshot", "--shots", "4"], [shop.classes] + tuned,
      [shop.classes, "--freeze-to", "none"] + tuned, [shop.tasks] + tuned, anomaly, anomaly + ["--detector", "padim"],
      anomaly + ["--detector", "subspace"], anomaly + ["--tile", "64"], anomaly + ["--augment", "surface"],
    ]
  }()

  /// - Parameter core: the only one that the program may use; nil for all.
  private func files(_ words: [String], core: Int?, to path: String) throws -> [String: Data] {
    let all = ["train"] + words + ["-o", path] + Workshop.small + ["--cache", path + ".cache"]
    let outcome = try AssayProgram.run(all, core: core)
    #expect(outcome.status == 0, "\(outcome)")
    defer { for end in ["", ".cache"] { try? FileManager.default.removeItem(atPath: path + end) } }
    return Dictionary(
      uniqueKeysWithValues: try FileManager.default.contentsOfDirectory(atPath: path).map { name in
        (name, try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
      })
  }

  @Test(arguments: ways) func everyFileIsTheSame(_ words: [String]) throws {
    _ = Workshop.outcomes
    let path = Workshop.shared.folder + "/same-\(UUID().uuidString).assay"
    // With nothing in the cache either time; and a second passes, so that a time of day would differ.
    let two = try files(words, core: nil, to: path)
    Thread.sleep(forTimeInterval: 1.1)
    let one = try files(words, core: Self.firstCore, to: path)
    #expect(two["model.onnx"] != nil && two["manifest.json"] != nil && two["report.html"] != nil)
    #expect(two.keys.sorted() == one.keys.sorted())
    for (name, data) in two.sorted(by: { $0.key < $1.key }) {
      #expect(one[name] == data, "\(name) differs")
    }
  }

  /// A core that this process may use, as `/proc/self/status` lists them: `0-1`, `2,4`.
  private static let firstCore: Int = {
    let status = FileManager.default.contents(atPath: "/proc/self/status").map { String(decoding: $0, as: UTF8.self) }
    let line = status?.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    let first = line?.split(whereSeparator: { !$0.isNumber }).first
    return first.flatMap { Int($0) } ?? 0
  }()
}
