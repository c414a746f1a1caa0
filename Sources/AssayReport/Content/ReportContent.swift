package import AssayMetrics

/// Everything that a report shows. Sections without data are left out.
package struct ReportContent: Sendable {
  package struct Figure: Sendable {
    package var name: String
    package var value: String
    package var interval: String?
    /// What it means, for a reader without statistics.
    package var explanation: String?

    package init(name: String, value: String, interval: String? = nil, explanation: String? = nil) {
      self.name = name
      self.value = value
      self.interval = interval
      self.explanation = explanation
    }
  }

  package struct ClassRow: Sendable {
    package var name: String
    package var precision: Double
    package var recall: Double
    package var f1: Double
    package var f1Interval: Interval?
    package var recallInterval: Interval?
    package var precisionInterval: Interval?
    package var support: Int

    package init(
      name: String, precision: Double, recall: Double, f1: Double, f1Interval: Interval?, recallInterval: Interval?,
      support: Int
    ) {
      self.name = name
      self.precision = precision
      self.recall = recall
      self.f1 = f1
      self.f1Interval = f1Interval
      self.recallInterval = recallInterval
      self.support = support
    }
  }

  /// Whether the inspector is fit for the line, in one sentence.
  package struct Fitness: Sendable {
    package enum Tone: String, Sendable {
      case good, bad, open
    }

    package var sentence: String
    package var tone: Tone

    package init(sentence: String, tone: Tone) {
      self.sentence = sentence
      self.tone = tone
    }
  }

  /// A curve with a name for the legend.
  package struct Series: Sendable {
    package var name: String
    package var points: [(x: Double, y: Double)]

    package init(name: String, points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  package struct Decision: Sendable {
    package var threshold: Double
    package var explanation: String
    package var outcome: EscapeOverkill
    /// The same at other thresholds.
    package var alternatives: [EscapeOverkill]
    package var goodScores: [Double]
    package var defectScores: [Double]
    /// What a score is.
    package var scoreName: String
    /// Scores are drawn from 0 to here; higher ones at the end.
    package var scoreLimit: Double

    package init(
      threshold: Double, explanation: String, outcome: EscapeOverkill, alternatives: [EscapeOverkill],
      goodScores: [Double], defectScores: [Double], scoreName: String = "probability of being defective",
      scoreLimit: Double = 1
    ) {
      self.threshold = threshold
      self.explanation = explanation
      self.outcome = outcome
      self.alternatives = alternatives
      self.goodScores = goodScores
      self.defectScores = defectScores
      self.scoreName = scoreName
      self.scoreLimit = scoreLimit
    }
  }

  /// A plain table with a heading of its own.
  package struct Table: Sendable {
    package var title: String
    package var header: [String]
    package var rows: [[String]]
    package var caption: String
    /// The group of pictures that a cell leads to, by row and column.
    package var links: [Place: String]

    package struct Place: Hashable, Sendable {
      package var row: Int
      package var column: Int

      package init(row: Int, column: Int) {
        self.row = row
        self.column = column
      }
    }

    package init(
      title: String, header: [String], rows: [[String]], caption: String, links: [Place: String] = [:]
    ) {
      self.title = title
      self.header = header
      self.rows = rows
      self.caption = caption
      self.links = links
    }
  }

  /// A section on one of several tasks.
  package struct TaskResult: Sendable {
    package var name: String
    /// The result in one sentence.
    package var verdict: String
    package var figures: [Figure]
    /// Of ``confusion``: classes or levels.
    package var classes: [String] = []
    package var confusion: ConfusionMatrix?
    /// Truth and what was stated; drawn when it is not empty.
    package var values: [(actual: Double, stated: Double)] = []
    /// Lines at this distance from the diagonal.
    package var halfWidth: Double?

    package init(name: String, verdict: String, figures: [Figure]) {
      self.name = name
      self.verdict = verdict
      self.figures = figures
    }
  }

  /// How a data set was read, and what was left out of it.
  package struct Reading: Sendable {
    package var facts: [(name: String, value: String)]
    /// Once for each kind.
    package var leftOut: [(what: String, cause: String, remedy: String)]
    /// Everything that was left out, entry by entry.
    package var entries: [String]

    package init(
      facts: [(name: String, value: String)], leftOut: [(what: String, cause: String, remedy: String)],
      entries: [String]
    ) {
      self.facts = facts
      self.leftOut = leftOut
      self.entries = entries
    }
  }

  package struct Mistake: Sendable {
    package var name: String
    package var actual: String
    package var predicted: String
    package var probability: Double
    /// An encoded picture and its MIME type.
    package var picture: (bytes: [UInt8], type: String)?
    /// Instead of "is ACTUAL, taken for PREDICTED with PROBABILITY".
    package var note: String?

    package init(
      name: String, actual: String, predicted: String, probability: Double, picture: (bytes: [UInt8], type: String)?,
      note: String? = nil
    ) {
      self.name = name
      self.actual = actual
      self.predicted = predicted
      self.probability = probability
      self.picture = picture
      self.note = note
    }
  }

  /// Pictures of one kind, to which a cell of a table leads.
  package struct PictureGroup: Sendable {
    /// Letters, digits and hyphens; ``cell(_:_:)`` for those of the matrix.
    package var id: String
    package var title: String
    package var pictures: [Mistake]

    package init(id: String, title: String, pictures: [Mistake]) {
      self.id = id
      self.title = title
      self.pictures = pictures
    }

    /// Of parts that are of one class and were taken for another, by their places among the classes.
    package static func cell(_ actual: Int, _ predicted: Int) -> String { "cell-\(actual)-\(predicted)" }
  }

  /// A section that every report has, and that this kind of inspector has nothing for.
  package enum Section: String, Sendable {
    case confusion, classes, decision, curves, reliability, mistakes, learning

    var title: String {
      switch self {
      case .confusion: "What was taken for what"
      case .classes: "Class by class"
      case .decision: "Good or bad: the threshold"
      case .curves: "All thresholds"
      case .reliability: "Can the probabilities be believed?"
      case .mistakes: "Mistakes in pictures"
      case .learning: "How it learned"
      }
    }
  }

  /// A line chart of the section on learning.
  package struct LearningChart: Sendable {
    package var title: String
    package var caption: String
    package var xLabel: String
    package var yLabel: String
    package var isLogarithmic: Bool
    package var series: [Series]

    package init(
      title: String, caption: String, xLabel: String, yLabel: String, isLogarithmic: Bool = false, series: [Series]
    ) {
      self.title = title
      self.caption = caption
      self.xLabel = xLabel
      self.yLabel = yLabel
      self.isLogarithmic = isLogarithmic
      self.series = series
    }
  }

  package var title: String
  package var subtitle: String
  /// The first thing that is read.
  package var fitness: Fitness?
  /// The result in one sentence.
  package var verdict: String
  package var figures: [Figure] = []
  package var warnings: [String] = []
  package var classes: [String] = []
  package var confusion: ConfusionMatrix?
  /// For people, below it.
  package var confusionNote: String?
  package var classRows: [ClassRow] = []
  package var rocCurves: [Series] = []
  package var precisionRecallCurves: [Series] = []
  /// Marked on the curves: (false positive rate, true positive rate) and (recall, precision).
  package var operatingPoint: (roc: (x: Double, y: Double), precisionRecall: (x: Double, y: Double))?
  package var reliability: ReliabilityBins?
  package var reliabilityNote: String?
  package var decision: Decision?
  package var mistakes: [Mistake] = []
  package var mistakesNote: String?
  /// Pictures by what was taken for what, mistakes first.
  package var pictures: [PictureGroup] = []
  /// Why sections are missing that other kinds of inspectors have.
  package var missing: [Section: String] = [:]
  package var tables: [Table] = []
  package var tasks: [TaskResult] = []
  package var learning: [LearningChart] = []
  /// Class name and its counts, in the order of ``dataColumns``.
  package var dataRows: [(name: String, counts: [Int])] = []
  package var dataColumns: [String] = []
  package var dataNotes: [(name: String, value: String)] = []
  package var dataLists: [(title: String, entries: [String])] = []
  /// Of every data set that was read.
  package var readings: [Reading] = []
  package var provenance: [(name: String, value: String)] = []

  package init(title: String, subtitle: String, verdict: String) {
    self.title = title
    self.subtitle = subtitle
    self.verdict = verdict
  }
}
