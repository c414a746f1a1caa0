import AssayBundle
import AssayImage
import AssayInspection
import AssayRuntime
import Testing

@Suite struct PostProcessorTests {
  /// From known outputs to the document, for every kind.
  @Test func documents() throws {
    let expected = [
      "classifier": """
      {"class":"scratch","isUncertain":false,"probabilities":{"good":0.20000000298023224,"scratch":0.699999988079071,\
      "stain":0.10000000149011612},"probability":0.699999988079071,"region":{"height":48,"width":64,"x":0,"y":0},\
      "score":0.7999999970197678,"threshold":0.5,"verdict":"defect"}
      """,
      "measurement": """
      {"class":"","isUncertain":false,"tasks":{"grade":{"kind":"ordinal","level":2,"probabilities":{"1":0.25,"2":0.75},\
      "probability":0.75,"value":1.75},"length":{"kind":"real","value":12.5}},"verdict":"measured"}
      """,
    ]
    for (name, document) in expected { #expect(try Specimen.named(name).document() == document, "\(name)") }
  }

  @Test func outcomes() throws {
    let classified = try Specimen.classifier().inspection()
    #expect(classified.verdict == .defect && classified.class == "scratch" && !classified.isUncertain)
    let plain = try Specimen.named("no good class").inspection()
    #expect(plain.verdict == .classified && plain.class == "scratch" && plain.score == nil)
    let unjudged = try Specimen.classifier(threshold: nil).inspection()
    #expect(unjudged.verdict == .unjudged && unjudged.isUncertain, "a good class without a threshold decides nothing")

    let marked = try Specimen.withMarks().inspection()
    guard case .classified(let finding) = marked.outcome else { return #expect(Bool(false)) }
    #expect(finding.area == 0.25, "one of four positions is above the logit of the threshold")

    let several = try Specimen.multiLabel([0.9, 0.4]).inspection()
    guard case .labels(let labels) = several.outcome else { return #expect(Bool(false)) }
    #expect(labels.found.map(\.class) == ["scratch", "stain"] && several.verdict == .defect)
    let fine = try Specimen.multiLabel([0.1, 0.05]).inspection()
    #expect(fine.verdict == .good && fine.class == "fine" && fine.threshold == 0.5)
    #expect(fine.probability.map { abs($0 - 0.9) < 1e-6 } == true && fine.score.map { abs($0 - 0.1) < 1e-6 } == true)

    let anomaly = try Specimen.anomaly().inspection()
    guard case .anomaly(let found) = anomaly.outcome else { return #expect(Bool(false)) }
    // 64 positions show 128 x 96 pixels: a square of 10 is 20 x 15 pixels.
    #expect(found.regions.map(\.box) == [PixelRectangle(x: 60, y: 15, width: 20, height: 15)])
    #expect(found.pValue == 0.25, "no good part of three scores as high")
    #expect(try Specimen.anomaly(threshold: nil).inspection().verdict == .unjudged)
    #expect(try Specimen.measurement().inspection().verdict == .measured)
  }

  /// What is no number is an error in every output that an answer rests on, never a verdict.
  @Test(arguments: Specimen.all.map(\.name), [Float.nan, .infinity, -.infinity])
  func notFinite(name: String, odd: Float) throws {
    let whole = Specimen.named(name)
    // Where pixels are marked, the classes' map is not asked for.
    let unused = Set(["distances"] + (whole.manifest.kind.spec.pixelMarks == nil ? [] : ["map"]))
    for output in whole.outputs.keys where !unused.contains(output) {
      let tensor = try #require(whole.outputs[output])
      for position in [0, tensor.values.count / 2, tensor.values.count - 1] {
        var values = tensor.values
        values[position] = odd
        var one = whole
        one.outputs[output] = Tensor(shape: tensor.shape, values: values)
        #expect("\(name): \(output)[\(position)] = \(odd)") { try one.inspection() } throws: { error in
          if case .notFinite(_, output) = error as? InspectionError { true } else { false }
        }
      }
    }
  }

  /// A tile's answer that is no number is not lost among the others.
  @Test func notFiniteTile() throws {
    let tiling = Tiling(size: Specimen.side, overlap: 8)
    let one = Specimen.anomaly(tiling: tiling)
    guard case .anomaly(let spec) = one.manifest.kind else { return #expect(Bool(false)) }
    let view = AnomalyView(one.manifest.preprocessing, spec.model)
    let tile = try #require(tiling.tiles(width: 128, height: 96).first)
    for output in ["distances", "map"] {
      var outputs = one.outputs
      let tensor = try #require(outputs[output])
      outputs[output] = Tensor(shape: tensor.shape, values: [.nan] + tensor.values.dropFirst())
      var stitcher = TileStitcher(view, tiling, width: 128, height: 96)
      #expect(throws: InspectionError.self) { try stitcher.add(tile, FixedOutputs(outputs), name: "part.png") }
    }
  }

  /// Graph and manifest that do not belong together are refused when the bundle is opened.
  @Test(arguments: Specimen.all.map(\.name)) func misfits(name: String) throws {
    let whole = Specimen.named(name)
    _ = try whole.processor()
    for (output, tensor) in whole.outputs {
      // A map is not needed where the evidence is only drawn.
      if output != "map" || whole.manifest.kind.name == .anomaly {
        if !(output == "probabilities" && whole.manifest.kind.name == .measurement) {
          var without = whole
          without.outputs[output] = nil
          #expect(throws: ManifestFault.self, "\(name) without \(output)") { try without.processor() }
        }
      }
      for axis in tensor.shape.indices.dropFirst() where !(output == "segmentation" || output == "map") || axis == 1 {
        var wide = whole
        var shape = tensor.shape
        shape[axis] += 1
        wide.outputs[output] = Tensor(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
        #expect(throws: ManifestFault.self, "\(name): \(output) \(shape)") { try wide.processor() }
      }
      var flat = whole
      flat.outputs[output] = Tensor(shape: [1, 1, 1, 1, 1], values: [0])
      #expect(throws: ManifestFault.self, "\(name): \(output) of five axes") { try flat.processor() }
    }
  }
}
