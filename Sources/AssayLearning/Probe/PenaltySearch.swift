/// Chooses the penalty by cross-validation and fits the final model.
public struct PenaltySearch: Sendable {
  /// One penalty's cross-validated scores.
  public struct Entry: Sendable, Equatable {
    /// scikit-learn's C.
    public let inversePenalty: Double
    /// Log loss, or for real values the mean squared error in units of their variance: the mean over all rows, each scored
    /// by the model that did not see it.
    public let loss: Double
  }

  /// Strongest penalty first.
  public let path: [Entry]
  public let chosen: Double
  /// Logits of every row from the model that did not see it, at the chosen penalty, `[n, K]`.
  public let heldOutLogits: [Float]
  /// Fitted to all rows.
  public let model: LinearModel

  /// Half-decades: the loss is flat at this scale.
  public static let defaultPenalties = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1]

  /// A squared error pulls harder than a log loss does, so that stronger penalties are worth trying.
  public static let valuePenalties = [1e-5, 3e-5, 1e-4] + defaultPenalties

  static func penalties(_ link: ProbeLink) -> [Double] { link == .identity ? valuePenalties : defaultPenalties }

  /// Gradient tolerance while penalties are compared: the log loss no longer changes in its third digit.
  static let searchTolerance = 1e-3
  /// Gradient tolerance of what is kept; scikit-learn's default.
  static let finalTolerance = 1e-4

  /// Whether weaker penalties need not be tried: the loss has clearly risen, or risen twice.
  static func isPastBest(_ loss: Double, best: Double, rises: Int) -> Bool { loss > 1.02 * best || rises >= 2 }

  /// Walks from the strongest penalty to weaker ones, each fit starting from its neighbour's solution, until they overfit;
  /// then fits the folds at the best penalty, and the whole, to the end.
  public init(
    _ data: ProbeData, penalties: [Double]? = nil, progress: (Int, Int) -> Void = { _, _ in }
  ) {
    let candidates = (penalties ?? Self.penalties(data.link)).sorted()
    precondition(!candidates.isEmpty)
    var path: [Entry] = []
    var solutions: [LogisticRegression.Solution?] = Array(repeating: nil, count: data.foldCount)
    var best: (entry: Entry, solutions: [LogisticRegression.Solution])?
    var rises = 0
    for (index, candidate) in candidates.enumerated() {
      progress(index, candidates.count)
      let problems = (0..<data.foldCount).map {
        LogisticRegression.Problem(excludedFolds: [$0], inversePenalty: candidate)
      }
      let fitted = LogisticRegression.fit(data, problems, starts: solutions, tolerance: Self.searchTolerance)
      solutions = fitted
      let logits = Self.heldOut(data, fitted)
      let entry = Entry(inversePenalty: candidate, loss: data.loss(logits, rows: 0..<data.rows))
      path.append(entry)
      if let current = best, entry.loss >= current.entry.loss {
        rises += 1
        if Self.isPastBest(entry.loss, best: current.entry.loss, rises: rises) { break }
      } else {
        best = (entry, fitted)
        rises = 0
      }
    }
    self.path = path
    let penalty = best?.entry.inversePenalty ?? candidates[0]
    chosen = penalty
    let excluded = (0..<data.foldCount).map { Set([$0]) } + [[]]
    let starts = best.map { $0.solutions + [$0.solutions[0]] } ?? []
    let final = LogisticRegression.fit(
      data, excluded.map { .init(excludedFolds: $0, inversePenalty: penalty) }, starts: starts,
      tolerance: Self.finalTolerance)
    heldOutLogits = Self.heldOut(data, final)
    model = final[data.foldCount].model
    progress(candidates.count, candidates.count)
  }

  private static func heldOut(_ data: ProbeData, _ solutions: [LogisticRegression.Solution]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(data.rows * data.classCount)
    for row in 0..<data.rows {
      let start = row * data.classCount
      result += solutions[data.folds[row]].logits[start..<start + data.classCount]
    }
    return result
  }
}

/// Cross-validation in which the penalty, too, is chosen without the fold that is tested.
public struct NestedCrossValidation: Sendable {
  /// Outputs of every row, as ``LogisticRegression/Solution/logits``, from a model whose weights and penalty come from the
  /// other folds, `[n, K]`.
  public let logits: [Float]
  /// The penalty chosen for each fold.
  public let penalties: [Double]
  /// Temperature fitted for each fold on the other folds' held-out logits; 1 where there are no classes.
  public let temperatures: [Double]

  private struct Choice {
    let loss: Double
    let penalty: Double
    let solution: LogisticRegression.Solution
    let innerOutputs: [Float]
    let innerRows: [Int]
  }

  /// For test fold t the penalty is chosen on the other folds: validation fold v is scored by a model that saw neither t
  /// nor v. The model without {t, v} serves both (t, v) and (v, t), so K folds need K (K - 1) / 2 inner fits a penalty.
  /// - Precondition: at least 3 folds.
  public init(
    _ data: ProbeData, penalties: [Double]? = nil, progress: (Int, Int) -> Void = { _, _ in }
  ) {
    precondition(data.foldCount >= 3, "nested cross-validation needs at least 3 folds")
    let candidates = (penalties ?? PenaltySearch.penalties(data.link)).sorted()
    let folds = 0..<data.foldCount
    let pairs = folds.flatMap { a in folds.filter { $0 > a }.map { Set([a, $0]) } }
    let singles = folds.map { Set([$0]) }
    let sets = singles + pairs
    var solutions: [LogisticRegression.Solution?] = Array(repeating: nil, count: sets.count)
    var best = [Choice?](repeating: nil, count: data.foldCount)
    var rises = [Int](repeating: 0, count: data.foldCount)
    var isDone = [Bool](repeating: false, count: data.foldCount)
    let classes = data.classCount
    for (index, candidate) in candidates.enumerated() where isDone.contains(false) {
      progress(index, candidates.count)
      let fitted = LogisticRegression.fit(
        data, sets.map { .init(excludedFolds: $0, inversePenalty: candidate) }, starts: solutions,
        tolerance: PenaltySearch.searchTolerance)
      solutions = fitted
      for test in folds where !isDone[test] {
        let rows = (0..<data.rows).filter { data.folds[$0] != test }
        var inner = [Float](repeating: 0, count: data.rows * classes)
        for row in rows {
          guard let position = sets.firstIndex(of: [test, data.folds[row]]) else { continue }
          for k in row * classes..<(row + 1) * classes { inner[k] = fitted[position].logits[k] }
        }
        let loss = data.loss(inner, rows: rows)
        if let current = best[test], loss >= current.loss {
          rises[test] += 1
          isDone[test] = PenaltySearch.isPastBest(loss, best: current.loss, rises: rises[test])
        } else {
          best[test] = Choice(
            loss: loss, penalty: candidate, solution: fitted[test], innerOutputs: inner, innerRows: rows)
          rises[test] = 0
        }
      }
    }
    let final = LogisticRegression.fit(
      data, folds.map { .init(excludedFolds: [$0], inversePenalty: best[$0]?.penalty ?? candidates[0]) },
      starts: best.map { $0?.solution }, tolerance: PenaltySearch.finalTolerance)
    var result: [Float] = []
    for row in 0..<data.rows {
      result += final[data.folds[row]].logits[row * classes..<(row + 1) * classes]
    }
    logits = result
    self.penalties = best.map { $0?.penalty ?? candidates[0] }
    temperatures = best.map { found in
      guard data.link == .softmax, let found else { return 1 }
      return TemperatureScaling(
        heldOut: found.innerRows.flatMap { found.innerOutputs[$0 * classes..<($0 + 1) * classes] },
        labels: found.innerRows.map { data.labels[$0] }, classCount: classes
      ).temperature
    }
    progress(candidates.count, candidates.count)
  }
}
