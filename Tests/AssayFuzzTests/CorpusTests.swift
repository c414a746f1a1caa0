import Foundation
import FuzzTargets
import Testing

/// Replays what fuzzing has found, and the seeds, on every target: none may trap. `make fuzz` looks for more.
/// One after another, since targets share folders.
@Suite(.serialized) struct CorpusTests {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Corpus")

  @Test(.timeLimit(.minutes(2)), arguments: FuzzTargets.allCases) func replay(_ target: FuzzTarget) throws {
    for seed in try target.seeds() { target.run(seed) }
    let folder = Self.corpus.appendingPathComponent(target.name)
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in files.sorted() { target.run([UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))) }
  }

  /// Some sixty inputs of each target that are nearly right: what a change breaks at once is found without `make fuzz`.
  @Test(.timeLimit(.minutes(2)), arguments: FuzzTargets.allCases) func nearlyRight(_ target: FuzzTarget) throws {
    var mutation = Mutation(seed: 17)
    let seeds = try target.seeds().filter { $0.count <= target.longest }
    for _ in 0..<max(1, 60 / seeds.count) {
      for seed in seeds { target.run(Array(mutation.changed(seed).prefix(target.longest))) }
    }
  }

  /// A corpus without a target is never replayed.
  @Test func everyCorpusHasItsTarget() throws {
    let names = Set(FuzzTargets.allCases.map(\.name))
    #expect(names.count == FuzzTargets.allCases.count)
    for name in try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path) where !name.hasPrefix(".") {
      #expect(names.contains(name), "Corpus/\(name) belongs to no target")
    }
  }

  /// Seeds are right, or nearly: each target gets past its first check with one of them at least.
  @Test(arguments: FuzzTargets.allCases) func seedsAreShort(_ target: FuzzTarget) throws {
    let seeds = try target.seeds()
    #expect(seeds.contains { !$0.isEmpty && $0.count <= target.longest }, "\(target): no seed fits")
  }
}
