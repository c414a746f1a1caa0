import AssayMetrics

/// Everything that a report shows. Sections without data are left out.
public struct ReportContent: Sendable {
  public struct Figure: Sendable {
    public var name: String
    public var value: String
    public var interval: String?
    /// What it means, for a reader without statistics.
    public var explanation: String?

    public init(name: String, value: String, interval: String? = nil, explanation: String? = nil) {
      self.name = name
      self.value = value
      self.interval = interval
      self.explanation = explanation
    }
  }

  public struct ClassRow: Sendable {
    public var name: String
    public var precision: Double
    public var recall: Double
    public var f1: Double
    public var f1Interval: Interval?
    public var recallInterval: Interval?
    public var precisionInterval: Interval?
    public var support: Int

    public init(
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
  public struct Fitness: Sendable {
    public enum Tone: String, Sendable {
      case good, bad, open
    }

    public var sentence: String
    public var tone: Tone

    public init(sentence: String, tone: Tone) {
      self.sentence = sentence
      self.tone = tone
    }
  }

  /// A curve with a name for the legend.
  public struct Series: Sendable {
    public var name: String
    public var points: [(x: Double, y: Double)]

    public init(name: String, points: [(x: Double, y: Double)]) {
      self.name = name
      self.points = points
    }
  }

  public struct Decision: Sendable {
    public var threshold: Double
    public var explanation: String
    public var outcome: EscapeOverkill
    /// The same at other thresholds.
    public var alternatives: [EscapeOverkill]
    public var goodScores: [Double]
    public var defectScores: [Double]
    /// What a score is.
    public var scoreName: String
    /// Scores are drawn from 0 to here; higher ones at the end.
    public var scoreLimit: Double

    public init(
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
  public struct Table: Sendable {
    public var title: String
    public var header: [String]
    public var rows: [[String]]
    public var caption: String
    /// The group of pictures that a cell leads to, by row and column.
    public var links: [Place: String]

    public struct Place: Hashable, Sendable {
      public var row: Int
      public var column: Int

      public init(row: Int, column: Int) {
        self.row = row
        self.column = column
      }
    }

    public init(
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
  public struct TaskResult: Sendable {
    public var name: String
    /// The result in one sentence.
    public var verdict: String
    public var figures: [Figure]
    /// Of ``confusion``: classes or levels.
    public var classes: [String] = []
    public var confusion: ConfusionMatrix?
    /// Truth and what was stated; drawn when it is not empty.
    public var values: [(actual: Double, stated: Double)] = []
    /// Lines at this distance from the diagonal.
    public var halfWidth: Double?

    public init(name: String, verdict: String, figures: [Figure]) {
      self.name = name
      self.verdict = verdict
      self.figures = figures
    }
  }

  /// How a data set was read, and what was left out of it.
  public struct Reading: Sendable {
    public var facts: [(name: String, value: String)]
    /// Once for each kind.
    public var leftOut: [(what: String, cause: String, remedy: String)]
    /// Everything that was left out, entry by entry.
    public var entries: [String]

    public init(
      facts: [(name: String, value: String)], leftOut: [(what: String, cause: String, remedy: String)],
      entries: [String]
    ) {
      self.facts = facts
      self.leftOut = leftOut
      self.entries = entries
    }
  }

  public struct Mistake: Sendable {
    public var name: String
    public var actual: String
    public var predicted: String
    public var probability: Double
    /// An encoded picture and its MIME type.
    public var picture: (bytes: [UInt8], type: String)?
    /// Instead of "is ACTUAL, taken for PREDICTED with PROBABILITY".
    public var note: String?

    public init(
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
  public struct PictureGroup: Sendable {
    /// Letters, digits and hyphens; ``cell(_:_:)`` for those of the matrix.
    public var id: String
    public var title: String
    public var pictures: [Mistake]

    public init(id: String, title: String, pictures: [Mistake]) {
      self.id = id
      self.title = title
      self.pictures = pictures
    }

    /// Of parts that are of one class and were taken for another, by their places among the classes.
    public static func cell(_ actual: Int, _ predicted: Int) -> String { "cell-\(actual)-\(predicted)" }
  }

  /// A section that every report has, and that this kind of inspector has nothing for.
  public enum Section: String, Sendable {
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
  public struct LearningChart: Sendable {
    public var title: String
    public var caption: String
    public var xLabel: String
    public var yLabel: String
    public var isLogarithmic: Bool
    public var series: [Series]

    public init(
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

  public var title: String
  public var subtitle: String
  /// The first thing that is read.
  public var fitness: Fitness?
  /// The result in one sentence.
  public var verdict: String
  public var figures: [Figure] = []
  public var warnings: [String] = []
  public var classes: [String] = []
  public var confusion: ConfusionMatrix?
  /// For people, below it.
  public var confusionNote: String?
  public var classRows: [ClassRow] = []
  public var rocCurves: [Series] = []
  public var precisionRecallCurves: [Series] = []
  /// Marked on the curves: (false positive rate, true positive rate) and (recall, precision).
  public var operatingPoint: (roc: (x: Double, y: Double), precisionRecall: (x: Double, y: Double))?
  public var reliability: ReliabilityBins?
  public var reliabilityNote: String?
  public var decision: Decision?
  public var mistakes: [Mistake] = []
  public var mistakesNote: String?
  /// Pictures by what was taken for what, mistakes first.
  public var pictures: [PictureGroup] = []
  /// Why sections are missing that other kinds of inspectors have.
  public var missing: [Section: String] = [:]
  public var tables: [Table] = []
  public var tasks: [TaskResult] = []
  public var learning: [LearningChart] = []
  /// Class name and its counts, in the order of ``dataColumns``.
  public var dataRows: [(name: String, counts: [Int])] = []
  public var dataColumns: [String] = []
  public var dataNotes: [(name: String, value: String)] = []
  public var dataLists: [(title: String, entries: [String])] = []
  /// Of every data set that was read.
  public var readings: [Reading] = []
  public var provenance: [(name: String, value: String)] = []

  public init(title: String, subtitle: String, verdict: String) {
    self.title = title
    self.subtitle = subtitle
    self.verdict = verdict
  }
}
