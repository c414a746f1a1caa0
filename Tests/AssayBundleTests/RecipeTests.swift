import AssayBundle
import AssayGraph
import AssayImage
import Foundation
import Testing

/// A method that no manifest knows.
private struct Pottery: MethodRecipe {
  enum Glaze: String, Codable, RawRepresentable { case matt, gloss }

  var glaze: Glaze
  var firings: Int
  var isCracked = false
  @Stated var kilnTemperature: Double?

  init(glaze: Glaze, firings: Int, kilnTemperature: Double? = nil) {
    self.glaze = glaze
    self.firings = firings
    self.kilnTemperature = kilnTemperature
  }

  init(solver words: SolverWords) throws(ManifestFault) {
    self.init(
      glaze: try words.required("glaze", words.option("glaze")),
      firings: try words.required("firings", words.count("firings")))
    isCracked = try words.isOn("cracked") ?? false
  }

  func check() throws(ManifestFault) { try require("firings", firings, in: 1...9) }
}

@Suite struct RecipeTests {
  private static let manifest = Manifest(
    kind: .classifier(ClassifierSpec(classes: ["bad", "good"], goodClass: nil, threshold: nil)),
    preprocessing: Preprocessing(width: 224, height: 224),
    network: .init(
      backbone: .init(name: "net", nativeSize: 224, licence: "Apache-2.0", source: "here"), weightsSHA256: "ab",
      features: .init(taps: ["head"], width: 224, height: 224), temperature: 1.5, mapScale: 3),
    training: .init(
      method: .linear, recipe: .unknown, seed: 7, layout: "class folders", counts: ["good": 9, "bad": 4], images: [],
      unreadable: 0),
    metrics: [], versions: [:])

  private typealias Object = [String: Any]

  private func document(_ manifest: Manifest) throws -> Object {
    try #require(try JSONSerialization.jsonObject(with: JSONEncoder().encode(manifest)) as? Object)
  }

  /// A manifest with this text in the place of `training.recipe`, or with none.
  private func manifest(_ recipe: String?, named name: String = "recipe") throws -> Manifest {
    let marker = "\"@@@\""
    var document = try document(Self.manifest)
    var training = try #require(document["training"] as? Object)
    training["recipe"] = nil
    if recipe != nil { training[name] = "@@@" }
    document["training"] = training
    let text = String(decoding: try JSONSerialization.data(withJSONObject: document), as: UTF8.self)
    return try JSONDecoder().decode(
      Manifest.self, from: Data(text.replacingOccurrences(of: marker, with: recipe ?? "").utf8))
  }

  private func fault(_ body: () throws -> Void) -> String? {
    do { try body() } catch { return (error as? ManifestFault)?.description ?? "\(error)" }
    return nil
  }

  @Test func settingsGoThroughTheManifest() throws {
    var recipe = Pottery(glaze: .gloss, firings: 3, kilnTemperature: 1250.5)
    recipe.isCracked = true
    var manifest = Self.manifest
    manifest.training.recipe = try Recipe(recipe)
    let read = try JSONDecoder().decode(Manifest.self, from: JSONEncoder().encode(manifest))
    #expect(read == manifest)
    #expect(try read.training.recipe.decoded(as: Pottery.self) == recipe)
    let training = try #require(try document(manifest)["training"] as? Object)
    let written = try #require(training["recipe"] as? Object)
    #expect(training["solver"] == nil && training["method"] as? String == "linear")
    #expect(written["glaze"] as? String == "gloss" && written["firings"] as? Int == 3)
    #expect(written["isCracked"] as? Bool == true && written["kilnTemperature"] as? Double == 1250.5)
    #expect(read.training.recipe.words == "firings 3; glaze gloss; is cracked yes; kiln temperature 1250.5")
    #expect(fault { _ = try Recipe(["rate": Double.nan]) } != nil, "no number is written for what is none")
  }

  /// Whatever stands there, the bundle opens, and what is written again is what was read.
  @Test(arguments: [
    "null", "true", "0", "1", "-1", "1.5", "18446744073709551615", "-9223372036854775808", "1e308", "1e-300", "\"\"",
    "\"0\"", "\"\\u0000\"", "[]", "{}", "[[[]]]", "{\"a\":{\"\":[null,false,0,\"x\"]}}", "{\"solver\":5}",
    "{\"solver\":{}}", "{\"solver\":{\"optimizer\":\"lbfgs\"}}", "{\"solver\":{},\"more\":1}",
  ])
  func anyJSONIsKept(_ text: String) throws {
    let read = try manifest(text)
    try read.check()
    let written = try #require(try document(read)["training"] as? Object)["recipe"]
    let expected = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    #expect(try #require(written as? NSObject) == expected as? NSObject)
    #expect(try JSONDecoder().decode(Manifest.self, from: JSONEncoder().encode(read)) == read)
    #expect(fault { _ = try read.training.recipe.decoded(as: Pottery.self) }?.hasPrefix("training.") == true)
  }

  /// However deep it goes, on however small a stack.
  @Test func deepNestingOpens() async throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let text = String(repeating: open, count: 480) + "1" + String(repeating: close, count: 480)
      let message = try await withCheckedThrowingContinuation { (done: CheckedContinuation<String?, any Error>) in
        let thread = Thread {
          done.resume(
            with: Result {
              let read = try manifest(text)
              try read.check()
              _ = try JSONEncoder().encode(read)
              return fault { _ = try read.training.recipe.decoded(as: Pottery.self) }
            })
        }
        thread.stackSize = 512 * 1024
        thread.start()
      }
      #expect(message?.hasPrefix("training.recipe") == true)
    }
  }

  /// A number that no number type holds is no reason not to inspect.
  @Test func hugeNumbersOpen() throws {
    let read = try manifest("{\"glaze\":\"matt\",\"firings\":1e999}")
    #expect(
      fault { _ = try read.training.recipe.decoded(as: Pottery.self) }?.hasPrefix("training.recipe.firings") == true)
  }

  @Test func whatIsNotUnderstoodIsNamed() throws {
    func message(_ text: String?) throws -> String? {
      let recipe = try manifest(text).training.recipe
      return fault { _ = try recipe.decoded(as: Pottery.self) }
    }
    let good = "{\"glaze\":\"matt\",\"firings\":2,\"isCracked\":false,\"kilnTemperature\":null}"
    #expect(try message(good) == nil)
    func changed(_ old: String, _ new: String) throws -> String? {
      try message(good.replacingOccurrences(of: old, with: new))
    }
    #expect(try message(nil) == "training.recipe is missing")
    #expect(try message("5") == "training.recipe is 5, which is not understood")
    #expect(try changed("\"firings\":2,", "") == "training.recipe.firings is missing")
    #expect(
      try changed("\"firings\":2", "\"firings\":\"two\"") == "training.recipe.firings is two, which is not understood")
    #expect(
      try changed("\"firings\":2", "\"firings\":2.5")?.hasPrefix(
        "training.recipe has a number that is not whole, or too large: firings 2.5;") == true)
    #expect(try changed("matt", "lustre") == "training.recipe.glaze is lustre, which is not understood")
    #expect(try changed("\"firings\":2", "\"firings\":0") == "training.recipe.firings is 0, not 1...9")
    // An option that is not used is written; one that was lost is not taken for it.
    #expect(try changed(",\"kilnTemperature\":null", "") == "training.recipe.kilnTemperature is missing")
    #expect(try changed("null", "\"hot\"") == "training.recipe.kilnTemperature is hot, which is not understood")
  }

  /// Schema 1 had words under `solver`; the method reads them, and they stay as they are when the manifest is written.
  @Test func earlierWordsAreRead() throws {
    let words = "{\"glaze\":\"gloss\",\"firings\":\"4\",\"cracked\":\"yes\"}"
    let read = try manifest(words, named: "solver")
    var expected = Pottery(glaze: .gloss, firings: 4)
    expected.isCracked = true
    #expect(try read.training.recipe.decoded(as: Pottery.self) == expected)
    #expect(read.training.recipe.words == "cracked yes; firings 4; glaze gloss")
    let training = try #require(try document(read)["training"] as? Object)
    #expect(training["solver"] == nil && (training["recipe"] as? Object)?["solver"] is Object)
    let again = try JSONDecoder().decode(Manifest.self, from: JSONEncoder().encode(read))
    #expect(try again.training.recipe.decoded(as: Pottery.self) == expected)
    #expect(Recipe(solver: ["glaze": "gloss", "firings": "4", "cracked": "yes"]) == read.training.recipe)
    func message(_ text: String) throws -> String? {
      let recipe = try manifest(text, named: "solver").training.recipe
      return fault { _ = try recipe.decoded(as: Pottery.self) }
    }
    #expect(try message("{\"glaze\":\"gloss\"}") == "training.solver does not say firings")
    #expect(
      try message("{\"glaze\":\"gloss\",\"firings\":\"many\"}")
        == "training.solver says firings many, which is not understood")
    #expect(
      try message("{\"glaze\":\"gloss\",\"firings\":\"1\",\"cracked\":\"maybe\"}")
        == "training.solver says cracked maybe, which is not understood")
    #expect(try message("{\"glaze\":1}") == "training.solver has a glaze that is no word")
    #expect(try message("7") == "training.solver is no list of words")
  }

  @Test func tasksHaveTheirs() throws {
    let old = Data(
      "{\"name\":\"length\",\"kind\":\"real\",\"counts\":{},\"metrics\":[],\"solver\":{\"glaze\":\"matt\",\"firings\":\"1\"}}"
        .utf8)
    let record = try JSONDecoder().decode(TaskRecord.self, from: old)
    #expect(try record.recipe.decoded(as: Pottery.self).firings == 1)
    var new = TaskRecord(
      name: "grade", kind: .ordinal, counts: ["1": 3, "2": 4], recipe: try Recipe(Pottery(glaze: .matt, firings: 2)),
      metrics: [.init(name: "kappa", value: 0.5, low: 0.4, high: 0.6, count: 7, on: "held-out test")])
    new.levels = [1, 2]
    new.goodClass = "1"
    new.classes = ["1", "2"]
    new.temperature = 1.5
    new.uncertainty = .init(standardDeviation: 1, halfWidth: 2, coverage: 0.95, count: 7)
    #expect(try JSONDecoder().decode(TaskRecord.self, from: JSONEncoder().encode(new)) == new)
  }
}
