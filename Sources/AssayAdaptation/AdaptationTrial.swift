import AssayBase
import AssayInspection
package import AssayLearning
import AssayMetrics
import Foundation

/// A method and a belief, tried on images that the map was not made from.
public struct AdaptationCandidate: Encodable, Sendable {
  private enum CodingKeys: String, CodingKey { case method, belief, distanceBefore, distanceAfter }

  public let method: AdaptationMethod
  /// What the new line's images are believed to show.
  public let belief: String
  /// Energy distance between the source and the new line's held-out images, before and after; in units of the source's
  /// deviations.
  public let distanceBefore: Double
  public let distanceAfter: Double
  /// Class of each of the new line's images, each by the half that it was not in.
  package let predictions: [Int]
  package let mixIndex: Int
}

/// Whether adaptation helps, found without labels where there are none.
///
/// 1. Is there a shift? An energy distance with a permutation test, against the source in the proportions that each belief
///    says; where one belief explains the new line without a shift there is nothing to adapt.
/// 2. Which map explains it? Each is made from one half of the images and measured on the other, both ways.
/// 3. Is it the only explanation? Beliefs that explain the shift about as well must name the images alike.
/// 4. Does it cost accuracy, and does the map bring it back? The measured shift is put on the source's own labelled images,
///    half of them play the new line, and the other half is judged.
///
/// Known good parts take the place of beliefs, and labelled images that of 1 to 4.
package struct AdaptationTrial {
  package struct Labelled {
    package let rows: FeatureMatrix
    package let labels: [Int]
  }

  /// Of the sources' images with the measured shift.
  package struct Simulation: Equatable {
    package let images: Int
    package let cleanAccuracy: Double
    package let shiftedAccuracy: Double
    package let adaptedAccuracy: Double
    package let onlyBefore: Int
    package let onlyAfter: Int

    package var pValue: Double { Proportion.mcNemar(onlyFirst: onlyBefore, onlySecond: onlyAfter) }
    package var helps: Bool { onlyAfter > onlyBefore && pValue < 0.05 }
  }

  package let candidates: [AdaptationCandidate]
  /// The best; nil when no method could be used.
  package let chosen: AdaptationCandidate?
  /// Made from all images.
  package let map: FeatureMap?
  package let simulation: Simulation?
  package let isRecommended: Bool
  /// Sentence by sentence.
  package let findings: [String]

  package static let fewestImages = 16
  private static let permutations = 199

  /// - Parameter methods: to choose among.
  package init(
    _ subject: AdaptationCase, methods: [AdaptationMethod], labelled: Labelled?, batch: BatchAdaptation? = nil,
    seed: UInt64
  ) {
    var findings: [String] = []
    let mixes = subject.mixes()
    let explained = Self.withoutShift(subject, mixes, seed, &findings)
    var candidates = Self.candidates(subject, mixes, methods, seed)
    if let batch, methods.contains(.batchStatistics) {
      candidates.append(Self.candidate(subject, mixes[0], batch, seed))
    }
    let judged = labelled.map { LabelledTrial(subject, candidates, mixes, $0, batch) }
    let best =
      judged.map { $0.best.map { candidates[$0] } } ?? candidates.min { $0.distanceAfter < $1.distanceAfter }
    self.candidates = candidates
    chosen = best
    guard let best else {
      findings.append("No method could be used on these images.")
      (map, simulation, isRecommended, self.findings) = (nil, nil, false, findings)
      return
    }
    let mix = mixes[best.mixIndex]
    let isBatch = best.method == .batchStatistics
    map =
      isBatch ? .identity(subject.target.columns) : subject.fit(best.method, mix, subject.good ?? subject.target)
    let share = 1 - best.distanceAfter / max(best.distanceBefore, 1e-12)
    findings.append(
      String(
        format: "Best on %@ images: %@, taking the images to show %@; the distance falls from %.3f to %.3f.",
        labelled == nil ? "held-out" : "the labelled",
        best.method.rawValue, best.belief, best.distanceBefore, max(0, best.distanceAfter)))
    let rivals = Self.rivals(of: best, candidates)
    if let rival = rivals.first {
      findings.append(
        String(
          format: "Taking them to show %@ explains the shift about as well, and names %.0f %% of the images otherwise.",
          rival.candidate.belief, 100 * rival.disagreement))
    }
    // What batch statistics do happens inside the network: with features alone only the shift's cost can be played.
    let simulation = Self.simulation(subject, isBatch ? .statistics : best.method, mix, seed)
    self.simulation = simulation
    if let simulation { findings.append(Self.sentence(simulation)) }
    let overkill = Self.overkill(subject, best.method, mix, seed)
    if let overkill {
      findings.append(
        "Of \(overkill.count) held-out good parts of the new line \(overkill.before) were named good before and "
          + "\(overkill.after) after adaptation.")
    }
    if let judged {
      findings += judged.findings
      isRecommended = judged.isRecommended
    } else {
      let reason = Self.objection(
        explained: explained, share: share, rivals: rivals, simulation: simulation, overkill: overkill)
      isRecommended = reason == nil
      if let reason { findings.append(reason) }
    }
    self.findings = findings
  }

  /// Why not; nil when everything speaks for it.
  private static func objection(
    explained: String?, share: Double, rivals: [(candidate: AdaptationCandidate, disagreement: Double)],
    simulation: Simulation?, overkill: (count: Int, before: Int, after: Int)?
  ) -> String? {
    if let explained { return "There is nothing to adapt: \(explained)." }
    if share < 0.5 {
      return
        "The correction explains less than half of the difference, so it is not trusted; label a few images of the new "
        + "line (--labelled), or train on them."
    }
    if let rival = rivals.first {
      return
        "What the images show cannot be told from the shift (\(rival.candidate.belief)?), so nothing is changed; name a "
        + "folder of good parts of the new line with --good, or a few labelled images with --labelled."
    }
    guard let simulation else { return "The measured shift could not be tried on the source's images." }
    if !simulation.helps {
      return simulation.shiftedAccuracy >= simulation.cleanAccuracy - 0.005
        ? "The new line looks different, but the difference costs no accuracy, so nothing is changed."
        : "The correction does not bring back what the shift costs, so nothing is changed."
    }
    if let overkill, overkill.after < overkill.before {
      return "More good parts would be rejected, so nothing is changed."
    }
    return nil
  }

  // MARK: 1. Is there a shift

  /// - Returns: the belief that needs none; nil when none does.
  private static func withoutShift(
    _ subject: AdaptationCase, _ mixes: [AdaptationCase.Mix], _ seed: UInt64, _ findings: inout [String]
  ) -> String? {
    let rows = subject.good ?? subject.target
    guard rows.rows >= 4 else {
      findings.append("\(rows.rows) images are too few to test whether there is a shift at all.")
      return nil
    }
    let tests = mixes.compactMap { mix -> (name: String, value: Double, p: Double)? in
      let source = subject.matched(mix, most: max(16, rows.rows), seed: seed)
      guard source.rows > 1 else { return nil }
      let test = EnergyDistance(source, rows, permutations: permutations, seed: seed)
      return (mix.name, test.value, test.pValue ?? 1)
    }
    guard let best = tests.max(by: { ($0.p, -$0.value) < ($1.p, -$1.value) }) else { return nil }
    if best.p >= 0.02 {
      findings.append(
        String(format: "No shift is to be seen (energy distance %.3f, p = %.2g).", best.value, best.p))
      return "the images are what the source would give if they show \(best.name)"
    }
    findings.append(
      String(
        format: "The new line differs from the source (energy distance at least %.3f, p = %.2g).",
        tests.map(\.value).min() ?? 0, best.p))
    return nil
  }

  // MARK: 2. Which map explains it

  /// Two halves of `count` rows.
  package static func halves(_ count: Int, seed: UInt64) -> [[Int]] {
    var generator = SplitMix64(seed: seed ^ 0x4861_6C66)
    let order = Array(0..<count).shuffled(using: &generator)
    return [Array(order.prefix(count / 2)).sorted(), Array(order.suffix(count - count / 2)).sorted()]
  }

  private static func candidates(
    _ subject: AdaptationCase, _ mixes: [AdaptationCase.Mix], _ methods: [AdaptationMethod], _ seed: UInt64
  ) -> [AdaptationCandidate] {
    let parts = halves(subject.target.rows, seed: seed)
    let goodParts = subject.good.map { halves($0.rows, seed: seed) }
    return mixes.enumerated().flatMap { index, mix in
      methods.compactMap { method -> AdaptationCandidate? in
        var predictions = [Int](repeating: 0, count: subject.target.rows)
        var (before, after) = (0.0, 0.0)
        for side in 0..<2 {
          // Of very few good parts all are needed.
          let fitted =
            subject.good.map { good in
              good.rows < 8 ? good : good.selecting(goodParts?[side] ?? [])
            } ?? subject.target.selecting(parts[side])
          let held = subject.target.selecting(parts[1 - side])
          guard let map = subject.fit(method, mix, fitted) else { return nil }
          let moved = map.applied(to: held)
          for (position, label) in zip(parts[1 - side], subject.predicted(moved)) { predictions[position] = label }
          let judged =
            subject.good.map { $0.rows < 8 ? $0 : $0.selecting(goodParts?[1 - side] ?? []) } ?? held
          let source = subject.matched(mix, most: max(16, 2 * judged.rows), seed: seed &+ UInt64(side))
          guard source.rows > 1, judged.rows > 1 else { return nil }
          before += EnergyDistance(source, judged).value / 2
          after += EnergyDistance(source, map.applied(to: judged)).value / 2
        }
        return AdaptationCandidate(
          method: method, belief: mix.name, distanceBefore: before, distanceAfter: after, predictions: predictions,
          mixIndex: index)
      }
    }
  }

  private static func candidate(
    _ subject: AdaptationCase, _ mix: AdaptationCase.Mix, _ batch: BatchAdaptation, _ seed: UInt64
  ) -> AdaptationCandidate {
    let parts = halves(subject.target.rows, seed: seed)
    var (before, after) = (0.0, 0.0)
    for side in 0..<2 {
      let held = parts[1 - side]
      let source = subject.matched(mix, most: max(16, 2 * held.count), seed: seed &+ UInt64(side))
      before += EnergyDistance(source, subject.target.selecting(held)).value / 2
      after += EnergyDistance(source, batch.heldOut.selecting(held)).value / 2
    }
    return AdaptationCandidate(
      method: .batchStatistics, belief: mix.name, distanceBefore: before, distanceAfter: after,
      predictions: subject.predicted(batch.heldOut), mixIndex: 0)
  }

  // MARK: 3. Is it the only explanation

  /// Other beliefs that explain the shift about as well but name many images otherwise, the worst first.
  private static func rivals(
    of best: AdaptationCandidate, _ candidates: [AdaptationCandidate]
  ) -> [(candidate: AdaptationCandidate, disagreement: Double)] {
    let limit = max(2 * best.distanceAfter, best.distanceAfter + 0.1 * best.distanceBefore)
    return candidates.filter { $0.mixIndex != best.mixIndex && $0.distanceAfter <= limit }.map { other in
      let different = zip(other.predictions, best.predictions).count { $0 != $1 }
      return (other, Double(different) / Double(max(1, best.predictions.count)))
    }.filter { $0.disagreement > 0.05 }.sorted { $0.disagreement > $1.disagreement }
  }

  // MARK: 4. Does it cost, and come back

  private static func simulation(
    _ subject: AdaptationCase, _ method: AdaptationMethod, _ mix: AdaptationCase.Mix, _ seed: UInt64
  ) -> Simulation? {
    guard let measured = subject.fit(.statistics, mix, subject.good ?? subject.target) else { return nil }
    // The other way round: what a part of the source would look like on the new line.
    let shifted = FeatureMap(
      scale: measured.scale.map { 1 / $0 }, offset: zip(measured.offset, measured.scale).map { -$0 / $1 }
    ).applied(to: subject.source)
    let parts = halves(subject.source.rows, seed: seed &+ 7)
    let most = (subject.good ?? subject.target).rows
    var (clean, before, after) = ([Bool](), [Bool](), [Bool]())
    for side in 0..<2 {
      let (learned, held) = (parts[side], parts[1 - side])
      let heldLabels = held.map { subject.sourceLabels[$0] }
      // One half plays the new line, in the proportions believed; the source's own statistics come from the other.
      guard let weights = WeightedRows.mixing(learned.map { subject.sourceLabels[$0] }, shares: mix.shares) else {
        return nil
      }
      let played = learned.indices.filter { weights[$0] > 0 }.prefix(most).map { learned[$0] }
      let pretend = AdaptationCase(
        rule: subject.rule, source: subject.source.selecting(held),
        sourceLabels: heldLabels, priors: subject.priors, head: subject.head,
        target: shifted.selecting(played), good: subject.good == nil ? nil : shifted.selecting(played))
      guard WeightedRows.mixing(heldLabels, shares: mix.shares) != nil,
        let map = pretend.fit(method, mix, pretend.target)
      else { return nil }
      clean += subject.hits(subject.source.selecting(held), heldLabels)
      before += subject.hits(shifted.selecting(held), heldLabels)
      after += subject.hits(map.applied(to: shifted.selecting(held)), heldLabels)
    }
    func share(_ hits: [Bool]) -> Double { Double(hits.count { $0 }) / Double(max(1, hits.count)) }
    return Simulation(
      images: clean.count, cleanAccuracy: share(clean), shiftedAccuracy: share(before), adaptedAccuracy: share(after),
      onlyBefore: zip(before, after).count { $0 && !$1 }, onlyAfter: zip(before, after).count { !$0 && $1 })
  }

  private static func sentence(_ s: Simulation) -> String {
    String(
      format:
        "The measured shift, put on %d of the source's own images, lowers the accuracy from %.1f %% to %.1f %%; adapted "
        + "it is %.1f %% (McNemar p = %.2g).",
      s.images, 100 * s.cleanAccuracy, 100 * s.shiftedAccuracy, 100 * s.adaptedAccuracy, s.pValue)
  }

  /// How many of the known good parts are named good, each by a map made of the other half.
  private static func overkill(
    _ subject: AdaptationCase, _ method: AdaptationMethod, _ mix: AdaptationCase.Mix, _ seed: UInt64
  ) -> (count: Int, before: Int, after: Int)? {
    guard let good = subject.good, let goodIndex = subject.goodIndex, good.rows >= 8 else { return nil }
    let parts = halves(good.rows, seed: seed)
    var after = 0
    for side in 0..<2 {
      guard let map = subject.fit(method, mix, good.selecting(parts[side])) else { return nil }
      after += subject.predicted(map.applied(to: good.selecting(parts[1 - side]))).count { $0 == goodIndex }
    }
    return (good.rows, subject.predicted(good).count { $0 == goodIndex }, after)
  }
}
