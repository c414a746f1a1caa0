import AssayBundle
import AssayEvaluation
import AssayInspection
import AssayMetrics
import AssayReport
import Foundation
import Testing

/// The rules of docs/fitness.md. Bounds are Wilson's, by `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`.
@Suite struct LineFitnessTests {
  /// Good parts at 0.1 and defects at 0.9, but for those that are judged wrongly: these lie the other way round, a little nearer to the
  /// threshold of 0.5 with `apart`, so that another threshold would do.
  private func evaluation(
    escapes: Int, of defects: Int, overkills: Int, of goods: Int, basis: String = "held-out test", isApart: Bool = false
  ) -> Evaluation {
    let bad = (0..<defects).map { $0 < escapes ? (isApart ? 0.4 : 0.05) : 0.9 }
    let good = (0..<goods).map { $0 < overkills ? 0.95 : 0.1 }
    let probabilities = (bad + good).flatMap { [1 - $0, $0] }
    return Evaluation(
      rule: .classifier(classes: ["good", "scratch"], goodClass: "good", threshold: 0.5),
      names: (bad + good).indices.map { "\($0)" }, labels: bad.map { _ in 1 } + good.map { _ in 0 },
      probabilities: probabilities, basis: basis)
  }

  private func context(_ change: (inout FitnessContext) -> Void = { _ in }) -> FitnessContext {
    var context = FitnessContext(method: .linear, inputSide: 224)
    context.learned = ["good": 800, "scratch": 400]
    context.goodClass = "good"
    context.photographSide = 300
    change(&context)
    return context
  }

  @Test func fitWhenBothUpperBoundsAreWithinTheLimits() {
    let fitness = LineFitness(evaluation(escapes: 1, of: 400, overkills: 9, of: 800), context())
    #expect(fitness.verdict == .fit && fitness.remedy == .testAgain)
    #expect(fitness.sentence.hasPrefix("Fit for the line: 1 of 400 defective parts passed, at most 1.5 %"))
    #expect(fitness.sentence.contains("9 of 800 good parts were rejected, at most 2.2 %"))
    #expect(abs(fitness.rates[0].high - 0.014023285) < 1e-8 && abs(fitness.rates[1].high - 0.021241583) < 1e-8)
    #expect(fitness.sentence.hasSuffix("change.") && !fitness.sentence.contains(". "), "one sentence")
  }

  /// None of fifteen defects passed: 20.4 % are possible. 189 without one are needed.
  @Test func aPointEstimateProvesNothing() {
    let fitness = LineFitness(evaluation(escapes: 0, of: 15, overkills: 0, of: 60), context())
    #expect(fitness.verdict == .unproven && fitness.remedy == .badParts)
    #expect(fitness.sentence.contains("0 of 15 defective parts passed, which leaves up to 20.4 % possible where 2 %"))
    #expect(fitness.sentence.contains("174 more bad parts to test it on"))
    let good = LineFitness(evaluation(escapes: 0, of: 400, overkills: 0, of: 60), context())
    #expect(good.remedy == .goodParts && good.sentence.contains("13 more good parts"), "73 are needed")
  }

  @Test func unfitOnlyWhenTheLowerBoundIsBeyondTheLimit() {
    let fitness = LineFitness(evaluation(escapes: 123, of: 392, overkills: 1, of: 190), context())
    #expect(fitness.verdict == .unfit && fitness.remedy == .otherMethod && fitness.sentence.contains("finetune"))
    #expect(fitness.sentence.hasPrefix("Not fit for the line: 123 of 392 defective parts passed, at least 26.9 %"))
    // Two of sixty are 3.3 %, and 0.9 % are possible.
    #expect(LineFitness(evaluation(escapes: 2, of: 60, overkills: 0, of: 800), context()).verdict == .unproven)
  }

  /// The first that applies: another threshold, more bad parts, a larger input, another method.
  @Test func whatWouldHelpMost() {
    let apart = evaluation(escapes: 40, of: 400, overkills: 0, of: 800, isApart: true)
    let threshold = LineFitness(apart, context())
    #expect(threshold.remedy == .threshold && threshold.sentence.contains("0 of 400 pass and reject 0 of 800"))
    let poor = evaluation(escapes: 123, of: 392, overkills: 1, of: 190)
    #expect(LineFitness(poor, context { $0.learned["scratch"] = 12 }).remedy == .badParts)
    let large = LineFitness(poor, context { $0.photographSide = 1260 })
    #expect(large.remedy == .largerInput && large.sentence.contains("--input-size 448"))
    #expect(
      LineFitness(
        poor,
        context {
          $0.photographSide = 1260
          $0.isTiled = true
        }
      ).remedy == .otherMethod)
    #expect(LineFitness(poor, context { $0.method = .fineTuned }).remedy == .otherBackbone)
    let anomaly = LineFitness(poor, context { ($0.method, $0.learned) = (.anomaly, ["good": 700]) })
    #expect(anomaly.remedy == .otherMethod && anomaly.sentence.contains("--method linear"))
    #expect(LineFitness(poor, context { $0.method = .fewShot }).sentence.contains("--method linear"))
  }

  /// A threshold that was chosen on the very parts proves nothing by them, and neither do parts that it knows.
  @Test func onlyNewPartsShowFitness() {
    let crossed = LineFitness(
      evaluation(escapes: 1, of: 400, overkills: 9, of: 800, basis: "cross-validation"), context())
    #expect(crossed.verdict == .unproven && crossed.remedy == .newParts)
    let known = LineFitness(
      evaluation(escapes: 0, of: 400, overkills: 0, of: 800, basis: "images of which the bundle may know some"),
      context())
    #expect(known.verdict == .unjudged && known.remedy == .newParts && known.rates.isEmpty)
  }

  @Test func oneKindOfPartsIsNotEnough() {
    let fitness = LineFitness(evaluation(escapes: 0, of: 0, overkills: 0, of: 800), context())
    #expect(fitness.verdict == .unproven && fitness.remedy == .badParts && fitness.sentence.contains("at least 189"))
    #expect(LineFitness(evaluation(escapes: 0, of: 800, overkills: 0, of: 0), context()).remedy == .goodParts)
    #expect(LineFitness(evaluation(escapes: 99, of: 800, overkills: 0, of: 0), context()).verdict == .unfit)
  }

  /// Where no class is good: nine of ten must be named rightly, and the class that is not is named.
  @Test func classesWithoutAGoodOne() {
    func judge(_ wrong: Int, of count: Int) -> LineFitness {
      let labels = (0..<count).map { $0 % 2 }
      let probabilities = labels.indices.flatMap { row -> [Double] in
        let said = labels[row] == 1 && row / 2 < wrong ? 0 : labels[row]
        return said == 0 ? [0.8, 0.2] : [0.2, 0.8]
      }
      return LineFitness(
        Evaluation(
          rule: .classifier(classes: ["dent", "rust"], goodClass: nil, threshold: nil),
          names: labels.indices.map { "\($0)" }, labels: labels, probabilities: probabilities, basis: "cross-validation"
        ),
        context { $0.goodClass = nil })
    }
    #expect(judge(4, of: 400).verdict == .fit, "no threshold was chosen on them")
    let open = judge(5, of: 100)
    #expect(open.verdict == .unproven && open.remedy == .moreParts && open.sentence.contains("13 more parts"))
    let poor = judge(60, of: 200)
    #expect(poor.verdict == .unfit && poor.sentence.contains("worst is rust: 60 of 100 missed"))
  }

  /// Several classes an image: a part passes when none is found on it.
  @Test func severalClasses() {
    let rows = 600
    let truth = (0..<rows).flatMap { [$0 % 3 == 0, $0 % 3 == 1] }
    func judge(lost: Int) -> LineFitness {
      var probabilities = truth.map { $0 ? 0.9 : 0.1 }
      for row in 0..<lost { probabilities[row * 6] = 0.2 }
      return LineFitness(
        MultiLabelEvaluation(
          rule: DecisionRule(.labels(thresholds: [0.5, 0.5]), goodClass: "good", classes: ["dent", "rust"]),
          names: (0..<rows).map { "\($0)" }, truth: truth, probabilities: probabilities, basis: "held-out test"),
        context())
    }
    #expect(judge(lost: 0).verdict == .fit)
    let poor = judge(lost: 60)
    #expect(
      poor.verdict == .unfit && poor.sentence.contains("60 of 400 defective") && poor.sentence.contains("worst is dent")
    )
  }

  /// Values have no limit but their tolerance; levels are right or wrong.
  @Test func measurements() throws {
    let actual = (0..<200).map(Double.init)
    let values = TaskEvaluation(
      name: "depth",
      result: .real(
        RealEvaluation(
          actual: actual, stated: actual.map { $0 + (Int($0) % 2 == 0 ? 1 : -1) }, halfWidth: 2, basis: "held-out test")
      ))
    let measured = LineFitness([values], primary: nil, context())
    #expect(measured.verdict == .unjudged && measured.remedy == .tolerance)
    // Every error is 1: six deviations are 30 % of 20. It goes by the upper bound, which is above.
    let bound = try #require(values.metric("root mean square error")?.high)
    #expect(bound > 1 && measured.sentence.contains("tolerances of \(String(format: "%.3g", 20 * bound)) or wider"))
    let levels = TaskEvaluation(
      name: "grade",
      result: .ordinal(
        OrdinalEvaluation(
          levels: [0, 1], labels: actual.indices.map { $0 % 2 },
          probabilities: actual.indices.flatMap { $0 % 4 == 0 || $0 % 2 == 1 ? [0.2, 0.8] : [0.8, 0.2] },
          basis: "held-out test")))
    #expect(LineFitness([levels, values], primary: nil, context()).verdict == .unfit)
  }
}

@Suite struct PictureChoiceTests {
  /// Every cell of the matrix has its first picture before any has its second; the surest mistakes, the least certain of what is right.
  @Test func everyCellHasOne() throws {
    let classes = 7
    var (labels, predicted, certainty): ([Int], [Int], [Double]) = ([], [], [])
    for actual in 0..<classes {
      for said in 0..<classes {
        for part in 0..<6 {
          labels.append(actual)
          predicted.append(said)
          certainty.append(Double(part) / 10)
        }
      }
    }
    let choice = PictureChoice(labels: labels, predicted: predicted, certainty: certainty)
    let wrong = choice.groups.filter { !$0.cell.isRight }
    #expect(wrong.count == PictureChoice.mostWrong, "as many as there is room for, of 42 cells")
    #expect(wrong.allSatisfy { $0.rows.map { certainty[$0] } == [0.5] && $0.count == 6 })
    let right = choice.groups.filter(\.cell.isRight)
    #expect(right.count == 7 && right.allSatisfy { $0.rows.map { certainty[$0] } == [0] })
    let few = PictureChoice(
      labels: [0, 0, 0, 1, 1], predicted: [1, 1, 1, 1, 0], certainty: [0.6, 0.9, 0.7, 0.5, 0.8])
    #expect(few.groups.map(\.rows) == [[1, 2, 0], [4], [3]], "the cell with the most parts first")
  }

  /// Which examples of anomaly detection are shown does not depend on the order in which they are read.
  @Test func examplesDoNotDependOnTheOrder() {
    let parts = (0..<60).map { index in
      ExampleShelf.Example(
        name: "part \(index)", label: ["good", "dent", "rust"][index % 3], score: Double(index * 37 % 60) / 30,
        picture: [UInt8(index)])
    }
    func shown(_ order: [ExampleShelf.Example]) -> [[String]] {
      var shelf = ExampleShelf(threshold: 1, goodClass: "good")
      for part in order where shelf.wants(part.name, label: part.label, score: part.score) { shelf.add(part) }
      return shelf.groups([[0, 0], [0, 0]]).map { $0.pictures.map(\.name) }
    }
    let first = shown(parts)
    #expect(first == shown(parts.reversed()) && first == shown(parts.sorted { $0.score < $1.score }))
    #expect(first.count == 4 && first[0].count == 8 && first[1].count == 8, "escapes, then overkills")
  }
}
